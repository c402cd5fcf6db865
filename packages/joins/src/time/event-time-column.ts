import type { Fields } from '@sabot/columnar';
import type { Stream } from '@sabot/stream';
import { joinsErrors } from '../errors.js';

/** The column that carries a stream's event time. Fails with `SABOT_JOINS_EVENT_TIME_MISSING`. */
export function requireEventTime(side: 'left' | 'right', stream: Stream<Fields, 'event-time'>): string {
  if (stream.eventTime !== undefined) return stream.eventTime;
  throw joinsErrors.error('EVENT_TIME_MISSING', {
    what: 'cannot join two streams by time',
    why: `the ${side} stream has no event-time column (any more)`,
  });
}
