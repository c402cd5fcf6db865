import type { Batch, Fields, Schema } from '@sabot/columnar';
import { batchesFromTable, batchFromArrow } from '@sabot/columnar/arrow';
import type { Source } from '../ports/source.js';
import { memorySource, type NamedSourceOptions } from './memory-source.js';

type ArrowTable = Parameters<typeof batchesFromTable>[0];
type ArrowBatch = Parameters<typeof batchFromArrow>[0];

/**
 * A bounded source over a table or record batches of `apache-arrow`, zero-copy. `schema` gives the columns their types in
 * TypeScript and is checked.
 *
 * Errors: `SABOT_STREAM_SCHEMA_MISMATCH` for other columns, `SABOT_COLUMNAR_ARROW_UNSUPPORTED` for types that have no counterpart.
 *
 * @example
 * const orders = Stream.from(arrowTableSource(schema, tableFromIPC(bytes)));
 */
export function arrowTableSource<F extends Fields>(
  schema: Schema<F>,
  input: ArrowTable | readonly ArrowBatch[],
  options: NamedSourceOptions = {},
): Source<F> {
  const batches = Array.isArray(input)
    ? (input as readonly ArrowBatch[]).map((batch) => batchFromArrow(batch))
    : batchesFromTable(input as ArrowTable);
  // The memory source compares every batch's schema with the declared one.
  return memorySource(schema, batches as unknown as readonly Batch<F>[], { name: options.name ?? 'arrow' });
}
