import type { Fields, RowOf, Schema } from '@sabot/columnar';
import { type AggregateBuilder, type AggregateSpec, aggregates } from '@sabot/columnar/kernels';
import type { RowDraft } from '../operators/rows/row-draft.js';
import {
  assertWindowing,
  type WindowedComputation,
  type Windowing,
  windowAggregateSpec,
} from '../operators/window-aggregate-spec.js';
import { aggregateComputation } from '../operators/window-fold.js';
import { type ReduceRows, reduceComputation } from '../operators/window-reduce.js';
import { type ProcessRows, rowsComputation } from '../operators/window-rows.js';
import type { WindowSpec } from '../time/window-spec.js';
import { withSides } from './row-methods.js';
import type { NamedOptions, WindowOptions } from './stream-options.js';
import type { Stream } from './stream-types.js';

type Aggregated = (aggregates: AggregateBuilder<Fields>) => Readonly<Record<string, AggregateSpec>>;

/** A stream seen per window, and per key if keys are given; which columns come out is known to the type alone. */
export function createWindowedStream(
  stream: Stream,
  keys: readonly string[],
  window: WindowSpec,
  options: WindowOptions = {},
) {
  const { schema, eventTime } = stream;
  const windowing: Windowing = { ...options, input: schema, keys, eventTime, window };
  assertWindowing(windowing);
  const computed = (computation: WindowedComputation) =>
    // The schema is composed of the very columns that the types say.
    withSides(stream.apply(windowAggregateSpec(windowing, computation)), 'late') as never;
  return {
    aggregate(build: Aggregated, named?: NamedOptions): never {
      const computation = aggregateComputation(aggregates(schema, build));
      return computed({ name: named?.name, computation, kind: 'aggregate' });
    },
    reduce(fold: (total: RowDraft<Fields>, row: RowOf<Fields>) => void, named?: NamedOptions): never {
      const computation = reduceComputation(schema, keys, fold as ReduceRows);
      return computed({ name: named?.name, computation, kind: 'reduce' });
    },
    process(output: Schema, convert: ProcessRows, named?: NamedOptions): never {
      return computed({ name: named?.name, computation: rowsComputation(schema, output, convert), kind: 'process' });
    },
  };
}
