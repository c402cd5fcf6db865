import type { Batch, Fields, Schema } from '@sabot/columnar';
import { describeSchema, sameSchema, sliceBatch } from '@sabot/columnar';
import { streamErrors } from '../errors.js';
import type { Polled, Source } from '../ports/source.js';
import { selectedColumns } from './selected-columns.js';

export interface NamedSourceOptions {
  /** What the source is called in plans and errors. */
  readonly name?: string;
}

/**
 * A bounded source of batches in memory, in order, one split; batches are cut to the stream's `batchRows`.
 * Fails with `SABOT_STREAM_SCHEMA_MISMATCH` when a batch has another schema.
 */
export function memorySource<F extends Fields>(
  schema: Schema<F>,
  batches: readonly Batch<F>[],
  options: NamedSourceOptions = {},
): Source<F> {
  const name = options.name ?? 'memory';
  for (const batch of batches) requireSchema(name, schema, batch);
  return {
    name,
    schema,
    bounded: true,
    splits: async () => [{ id: 'all' }],
    async read(_split, position, request) {
      let index = Number(position?.['batch'] ?? 0);
      let row = Number(position?.['row'] ?? 0);
      return {
        async poll(): Promise<Polled> {
          while (index < batches.length && row >= (batches[index] as Batch<F>).numRows) {
            index++;
            row = 0;
          }
          const batch = batches[index];
          if (batch === undefined) return { kind: 'end' };
          const end = Math.min(batch.numRows, row + request.batchRows);
          const taken = selectedColumns(sliceBatch(batch, row, end), request.columns);
          row = end;
          return { kind: 'batch', batch: taken, position: { batch: index, row } };
        },
        close: async () => undefined,
      };
    },
  };
}

/** Throws unless the batch has exactly the declared schema. */
export function requireSchema(name: string, schema: Schema, batch: Batch): void {
  if (batch.schema === schema || sameSchema(batch.schema, schema)) return;
  throw streamErrors.error('SCHEMA_MISMATCH', {
    what: `source "${name}" gave a batch of (${describeSchema(batch.schema)})`,
    why: `it is declared to give (${describeSchema(schema)})`,
  });
}
