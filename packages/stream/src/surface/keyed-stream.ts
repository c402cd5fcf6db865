import type { Fields, RowOf } from '@sabot/columnar';
import { aggregates } from '@sabot/columnar/kernels';
import type { StateDescriptors } from '@sabot/state';
import { streamErrors } from '../errors.js';
import { deduplicateSpec } from '../operators/keyed/deduplicate.js';
import { type ReduceDescription, reduceSpec } from '../operators/keyed/reduce.js';
import { type AnyProcess, keyedProcessSpec } from '../operators/keyed-process.js';
import type { KeyedProcess } from '../operators/keyed-process-types.js';
import { createRowKeys } from '../operators/row-keys.js';
import type { RowDraft } from '../operators/rows/row-draft.js';
import { windowAggregateSpec } from '../operators/window-aggregate-spec.js';
import type { PlanEdge } from '../plan/plan-node.js';
import { requireWholeMs, type WindowSpec } from '../time/window-spec.js';
import { withSides } from './row-methods.js';
import type { DeduplicateOptions, RowOptions, StreamRef, WindowOptions } from './stream-options.js';
import type { AppliedStream, KeyedStream, RowResults, Stream, WindowedStream, WindowResults } from './stream-types.js';
import { tableMethods } from './table-methods.js';

/** How to see an edge of the plan as a stream: handed in, because streams make keyed streams and these make streams. */
export type StreamOf = <S extends StreamRef = Stream>(edge: PlanEdge) => S;

/** A stream seen per key. Fails with `SABOT_STREAM_PLAN_INVALID` for columns that cannot be keys. */
export function createKeyedStream(
  stream: Stream,
  keys: readonly string[],
  streamOf: StreamOf,
): KeyedStream<Fields, string, 'event-time'> {
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
    window: (window, options) => createWindowedStream(stream, keys, window, options, streamOf),
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
    process<Out extends Fields, S extends StateDescriptors>(definition: KeyedProcess<Fields, string, Out, S>) {
      // The context it is called with holds exactly the states and the output that it declares.
      const spec = keyedProcessSpec(definition as unknown as AnyProcess, stream.schema, keys, stream.eventTime);
      return stream.apply(spec) as unknown as AppliedStream<Out, 'event-time'>;
    },
  };
}

function createWindowedStream(
  stream: Stream,
  keys: readonly string[],
  window: WindowSpec,
  options: WindowOptions | undefined,
  streamOf: StreamOf,
): WindowedStream<Fields, string> {
  const allowedLatenessMs = options?.allowedLatenessMs ?? 0;
  requireWholeMs('allowedLatenessMs', allowedLatenessMs, 0);
  const { eventTime, schema } = stream;
  if (eventTime === undefined) {
    throw streamErrors.error('EVENT_TIME_MISSING', {
      what: `cannot window the stream by ${keys.join(', ')}`,
      why: 'it has no event-time column (any more)',
    });
  }
  return {
    aggregate(build, named) {
      const spec = windowAggregateSpec({
        name: named?.name,
        input: schema,
        keys,
        eventTime,
        window,
        allowedLatenessMs,
        aggregates: aggregates(schema, build),
      });
      const results = stream.apply(spec);
      const late = streamOf({ node: results.edge.node, port: 1 });
      // The schema was composed of the very columns that the type says.
      return Object.assign(results, { late }) as never;
    },
  };
}
