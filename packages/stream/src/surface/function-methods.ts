import type { Fields, RowOf } from '@sabot/columnar';
import type { StateDescriptors } from '@sabot/state';
import {
  type AnyBroadcast,
  type BroadcastProcess,
  broadcastProcessSpec,
} from '../operators/keyed/broadcast-process.js';
import { deduplicateSpec } from '../operators/keyed/deduplicate.js';
import { type ReduceDescription, reduceSpec } from '../operators/keyed/reduce.js';
import { type AnyProcess, keyedProcessSpec } from '../operators/keyed-process.js';
import type { KeyedProcess } from '../operators/keyed-process-types.js';
import type { RowDraft } from '../operators/rows/row-draft.js';
import { withSides } from './row-methods.js';
import type { DeduplicateOptions, RowOptions } from './stream-options.js';
import type { AppliedStream, KeyedStream, RowResults, Stream, WindowResults } from './stream-types.js';

type Keyed = Pick<KeyedStream<Fields, string, 'event-time'>, 'deduplicate' | 'reduce' | 'broadcast' | 'process'>;

/** The methods of a keyed stream that call functions or compare rows, one row after the other. */
export function functionMethods(stream: Stream, keys: readonly string[]): Keyed {
  return {
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
