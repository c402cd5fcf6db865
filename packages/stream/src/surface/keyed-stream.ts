import type { Fields } from '@sabot/columnar';
import { streamErrors } from '../errors.js';
import { createRowKeys } from '../operators/row-keys.js';
import type { WindowSpec } from '../time/window-spec.js';
import { functionMethods } from './function-methods.js';
import type { WindowOptions } from './stream-options.js';
import type { KeyedStream, Stream } from './stream-types.js';
import { tableMethods } from './table-methods.js';
import { createWindowedStream } from './windowed-stream.js';

/** A stream seen per key. Fails with `SABOT_STREAM_PLAN_INVALID` for columns that cannot be keys. */
export function createKeyedStream(stream: Stream, keys: readonly string[]): KeyedStream<Fields, string, 'event-time'> {
  if (keys.length === 0 || new Set(keys).size < keys.length) {
    throw streamErrors.error('PLAN_INVALID', {
      what: 'cannot key a stream',
      why: keys.length === 0 ? 'no column is given' : 'a column is given twice',
    });
  }
  createRowKeys(stream.schema, keys);
  return {
    // Whether it has time is checked where time is needed.
    stream: stream as Stream<Fields, 'event-time'>,
    keys,
    window: (window: WindowSpec, options?: WindowOptions) => createWindowedStream(stream, keys, window, options),
    ...tableMethods(stream, keys),
    ...functionMethods(stream, keys),
  };
}
