import type { Fields, RowOf } from '@sabot/columnar';
import type { StateDescriptors } from '@sabot/state';
import { streamErrors } from '../errors.js';
import {
  type AnyBroadcast,
  type BroadcastProcess,
  broadcastProcessSpec,
} from '../operators/keyed/broadcast-process.js';
import { deduplicateSpec } from '../operators/keyed/deduplicate.js';
import { type ReduceDescription, reduceSpec } from '../operators/keyed/reduce.js';
import { type AnyProcess, keyedProcessSpec } from '../operators/keyed-process.js';
import type { KeyedProcess } from '../operators/keyed-process-types.js';
import { createRowKeys } from '../operators/row-keys.js';
import type { RowDraft } from '../operators/rows/row-draft.js';
import type { WindowSpec } from '../time/window-spec.js';
import { withSides } from './row-methods.js';
import type { DeduplicateOptions, RowOptions, WindowOptions } from './stream-options.js';
import type { AppliedStream, KeyedStream, RowResults, Stream, WindowResults } from './stream-types.js';
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
    deduplicate(options?: DeduplicateOptions) {
      const spec = deduplicateSpec({
        name: options?.name,
        input: stream.schema,
        keys,
        withinMs: options?.withinMs,
        eventTime: stream.eventTime,
      });
      // With a time bound it has a late stream, which the overload says.
      return withSides(stream.apply(spec), 'late') as unknown as WindowResults<Fields, Fields>;
    },
    reduce<O extends RowOptions>(fold: (total: RowDraft<Fields>, row: RowOf<Fields>) => void, options?: O) {
      const onError = options?.onError ?? 'fail';
      const spec = reduceSpec({
        name: options?.name,
        input: stream.schema,
        keys,
        onError,
        // The total it is called with has the columns of the stream.
        fold: fold as ReduceDescription['fold'],
      });
      // With the policy `deadLetter` it has that stream, which the type says.
      return withSides(stream.apply(spec), 'deadLetters') as RowResults<Fields, 'event-time', Fields, O>;
    },
    ...tableMethods(stream, keys),
    broadcast<B extends Fields, Out extends Fields, S extends StateDescriptors, D extends StateDescriptors>(
      control: Stream<B>,
      definition: BroadcastProcess<Fields, string, B, Out, S, D>,
    ) {
      // The functions are called with exactly the rows, states and output that the definition declares.
      const spec = broadcastProcessSpec(
        definition as unknown as AnyBroadcast,
        stream.schema,
        control.schema,
        keys,
        stream.eventTime,
      );
      return stream.apply(spec, control) as unknown as Stream<Out, 'event-time'>;
    },
    process<Out extends Fields, S extends StateDescriptors>(definition: KeyedProcess<Fields, string, Out, S>) {
      // The context it is called with holds exactly the states and the output that it declares.
      const spec = keyedProcessSpec(definition as unknown as AnyProcess, stream.schema, keys, stream.eventTime);
      return stream.apply(spec) as unknown as AppliedStream<Out, 'event-time'>;
    },
  };
}
