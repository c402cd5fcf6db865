import { defineErrors } from '@sabot/core-observability/errors';

/** Every code that `@sabot/joins` raises; the prefix is `SABOT_JOINS_`. */
export const joinsErrors = defineErrors('joins', {
  COLUMN_UNKNOWN: {
    kind: 'usage',
    summary: 'A join or a table names a column that its input does not have.',
    remedy: 'Use one of the column names of that input.',
  },
  COLUMN_TYPE: {
    kind: 'usage',
    summary: 'A join was told to take a time or an order from a column that has none.',
    remedy: 'Name a column of one of the types that are listed.',
  },
  KEY_TYPE_MISMATCH: {
    kind: 'usage',
    summary: 'The two sides of a join key have different types, so that no value could ever be equal.',
    remedy: 'Cast one of the columns before the join.',
  },
  KEY_INCOMPLETE: {
    kind: 'usage',
    summary: 'A join names no key at all, or not every column of the key of a table.',
    remedy: 'Name a stream column for every key column of the table.',
  },
  COLUMN_COLLISION: {
    kind: 'usage',
    summary: 'Two columns of a join output would carry the same name, even with the suffix.',
    remedy: 'Give another `prefix` or `suffix`, or leave the column out with `select`.',
  },
  BOUNDS_INVALID: {
    kind: 'usage',
    summary: 'The time bounds or the grace of a join of two streams make no interval.',
    remedy: 'Give whole milliseconds, the lower bound at most the upper one, the grace at least 0.',
  },
  EVENT_TIME_MISSING: {
    kind: 'usage',
    summary: 'A join by time was described on a stream without an event-time column.',
    remedy: 'Name `eventTime` in Stream.from, and keep that column unchanged in select and withColumns.',
  },
  TABLE_UNBOUNDED: {
    kind: 'usage',
    summary: 'A table was to be loaded from a source that never ends.',
    remedy: 'Load the table from a bounded source: a file, or rows in memory.',
  },
  TABLE_TOO_LARGE: {
    kind: 'operational',
    summary: 'A table in memory grew beyond its limit while it was loaded.',
    remedy: 'Raise `maxBytes`, or load fewer columns.',
  },
  TABLE_LOAD_FAILED: {
    kind: 'operational',
    summary: 'The source of a table could not be read to its end.',
    remedy: 'Look at the cause; nothing was loaded.',
  },
});
