import { defineErrors } from '@sabot/core-observability/errors';

/** Every code that `@sabot/stream` raises; the prefix is `SABOT_STREAM_`. */
export const streamErrors = defineErrors('stream', {
  PLAN_INVALID: {
    kind: 'usage',
    summary: 'A stream or job was described in a way that cannot run.',
    remedy: 'Correct the description of the stream or job.',
  },
  DUPLICATE_ID: {
    kind: 'usage',
    summary: 'Two operators of one job carry the same name, so their state could not be told apart.',
    remedy: 'Give each source, operator and sink of a job its own `name`.',
  },
  COLUMN_UNKNOWN: {
    kind: 'usage',
    summary: 'An operator was given a column that its input does not have.',
    remedy: 'Use one of the column names of the input schema.',
  },
  EVENT_TIME_MISSING: {
    kind: 'usage',
    summary: 'An operator needs event time and its input has none (any more).',
    remedy: 'Name `eventTime` in Stream.from, and keep that column unchanged in select and withColumns.',
  },
  EVENT_TIME_NULL: {
    kind: 'usage',
    summary: 'A row carries no value in the event-time column.',
    remedy: 'Filter such rows out before the stream, or give the source an event-time column without nulls.',
  },
  OPTION_INVALID: {
    kind: 'usage',
    summary: 'An option has a value outside its range.',
    remedy: 'Give a value inside the range that is named.',
  },
  CHANGELOG_INVALID: {
    kind: 'bug',
    summary: 'An operator gave changes that do not follow from each other: the checker for tests has found them.',
    remedy: 'Correct the operator that is named.',
  },
  SCHEMA_MISMATCH: {
    kind: 'usage',
    summary: 'A batch or a row does not have the schema that was declared.',
    remedy: 'Declare the schema that the input really has.',
  },
  SOURCE_FAILED: {
    kind: 'operational',
    summary: 'A source could not be opened or read.',
    remedy: 'Look at the cause; the job goes on from its last checkpoint when it is started again.',
  },
  POSITION_INVALID: {
    kind: 'usage',
    summary:
      'A checkpoint holds a position in another file than the one that is there: it was replaced, cut or rewritten.',
    remedy: 'Put the file of the checkpoint back, or start without the checkpoint.',
  },
  SPLIT_GONE: {
    kind: 'usage',
    summary:
      'A checkpoint stands in the middle of a split (a file, a partition) that the source does not have any more.',
    remedy: 'Give the source that split back, or start without the checkpoint.',
  },
  SINK_FAILED: {
    kind: 'operational',
    summary: 'A sink refused a batch, a prepare or a commit.',
    remedy: 'Look at the cause; the job goes on from its last checkpoint when it is started again.',
  },
  SINK_STATE_MISSING: {
    kind: 'operational',
    summary: 'What a sink had committed is not there any more, so going on would leave a hole in its output.',
    remedy: 'Put the output back, or start over with an empty commit register.',
  },
  OPERATOR_FAILED: {
    kind: 'usage',
    summary: 'An operator, or a function given to it, threw.',
    remedy: 'Look at the cause; the job goes on from its last checkpoint when it is started again.',
  },
  TIMED_OUT: {
    kind: 'operational',
    summary: 'A call or a source did not answer in the time that it was given.',
    remedy: 'Look at what was asked; give more time, or tries, where that is normal.',
  },
  OPERATOR_NOT_ASYNC: {
    kind: 'bug',
    summary: 'An operator that was declared synchronous returned a promise.',
    remedy: 'Declare `async: true` in the operator spec.',
  },
  STATE_INCONSISTENT: {
    kind: 'bug',
    summary: "A state store's scan and its single reads disagree.",
    remedy: 'Report it with the store that you use; a restart continues from the last checkpoint.',
  },
  FENCED: {
    kind: 'operational',
    summary: 'Somebody else has advanced the register or log since it was read: another owner runs this task.',
    remedy: 'Stop this instance; the other one goes on.',
  },
  CHECKPOINT_FAILED: {
    kind: 'operational',
    summary: 'A checkpoint could not be stored or committed.',
    remedy: 'Look at the cause; the job goes on from the last checkpoint that committed when it is started again.',
  },
  CHECKPOINT_INVALID: {
    kind: 'operational',
    summary: 'A stored checkpoint or register cannot be read: torn, altered, or of an unknown version.',
    remedy: 'Restore the file from a copy, or start over with an empty checkpoint folder.',
  },
  LAYOUT_CHANGED: {
    kind: 'usage',
    summary: 'The checkpoint holds the state of operators that the job does not have (any more).',
    remedy: 'Give the operators their former names, or start over with an empty register.',
  },
  LANES_FIXED: {
    kind: 'usage',
    summary: 'The checkpoint keeps the state of another number of lanes than the job was started with.',
    remedy:
      'Start it without `lanes`, and with a `parallelism` of at most that number; or start over with an empty register.',
  },
  THREAD_FAILED: {
    kind: 'operational',
    summary: 'A worker thread of a job ended or could not be started.',
    remedy: 'Look at the cause; the job goes on from its last checkpoint when it is started again.',
  },
  PLAN_DIFFERS: {
    kind: 'usage',
    summary: 'A job module described another plan on a worker thread than on the main thread.',
    remedy:
      'Let the plan depend on the arguments of the module only: not on the clock, on chance or on the state of a process.',
  },
  NOT_A_JOB_MODULE: {
    kind: 'usage',
    summary: 'A job was to run on several threads, and threads cannot be told what it is.',
    remedy: 'Describe the job in a module of its own and start jobModule(new URL(…), …).',
  },
  MEMORY_EXCEEDED: {
    kind: 'operational',
    summary: 'A job holds more than maxMemoryMb, and not reading its sources for a while did not help.',
    remedy: 'Raise the limit, make windows or state smaller, or keep state outside the heap with an LMDB state store.',
  },
  JOB_MISMATCH: {
    kind: 'usage',
    summary: 'The commit register belongs to another job.',
    remedy: 'Give each job its own register.',
  },
  LOG_CORRUPT: {
    kind: 'operational',
    summary: 'A segment of a log holds bytes that are not what was written.',
    remedy: 'Restore the segment from a copy; messages before it can still be read.',
  },
  LOG_TRUNCATED: {
    kind: 'operational',
    summary: 'Messages were asked for that have been truncated away.',
    remedy: 'Start reading at the first kept sequence.',
  },
  LOG_FAILED: {
    kind: 'operational',
    summary: 'A log could not be opened, written or read.',
    remedy: 'Check that the folder exists, is writable and has space.',
  },
  CLOSED: {
    kind: 'usage',
    summary: 'Something was used after it was closed.',
    remedy: 'Open it again.',
  },
});
