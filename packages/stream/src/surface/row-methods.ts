import type { Batch, Fields, RowOf, Schema } from '@sabot/columnar';
import { type AsyncMapDescription, asyncMapSpec } from '../operators/async/async-map.js';
import { mapBatchesSpec } from '../operators/rows/map-batches.js';
import { mapRowsSpec, type RowFunction } from '../operators/rows/map-rows.js';
import type { AsyncMapOptions, MapOptions } from './stream-options.js';
import type { AppliedStream, Stream } from './stream-types.js';

/** The function of `map`: sets the draft that goes out. */
export type FillRow = (row: RowOf<Fields>, draft: Record<string, unknown>) => void;

/** A function per row behind a stream. */
export function mapRows(
  stream: Stream,
  kind: 'map' | 'flat_map',
  output: Schema,
  fill: RowFunction,
  options: MapOptions<Fields> = {},
): Stream {
  const { name, eventTime, onError = 'fail' } = options;
  const call: RowFunction = kind === 'flat_map' ? fill : emitting(fill as FillRow);
  const spec = mapRowsSpec({ kind, name, input: stream.schema, output, eventTime, onError, call });
  return withSides(stream.apply(spec), 'deadLetters');
}

/** A function per batch behind a stream. */
export function mapBatches(
  stream: Stream,
  output: Schema,
  call: (batch: Batch) => Batch,
  options: MapOptions<Fields> = {},
): Stream {
  const { name, eventTime, onError = 'fail' } = options;
  const spec = mapBatchesSpec({ name, input: stream.schema, output, eventTime, onError, call });
  return withSides(stream.apply(spec), 'deadLetters');
}

/** An asynchronous function per row behind a stream. */
export function asyncMap(
  stream: Stream,
  output: Schema,
  call: AsyncMapDescription['call'],
  options: AsyncMapOptions<Fields> = {},
): Stream {
  const { name, eventTime, onError = 'fail', ...settings } = options;
  const spec = asyncMapSpec({ ...settings, name, input: stream.schema, output, eventTime, onError, call });
  return withSides(stream.apply(spec), 'deadLetters');
}

/** The stream with those of these side outputs that it has as properties. */
export function withSides(stream: AppliedStream, ...names: readonly string[]): Stream {
  const { node } = stream.edge;
  const declared = node.kind === 'operator' ? (node.spec.sideOutputs ?? {}) : {};
  const found = names.filter((name) => Object.hasOwn(declared, name));
  return Object.assign(stream, Object.fromEntries(found.map((name) => [name, stream.side(name)])));
}

function emitting(fill: FillRow): RowFunction {
  return (row, draft, emit) => {
    fill(row, draft);
    emit();
  };
}
