import type { Batch } from '../batch/batch.js';
import { sliceBatch, trustedBatch } from '../batch/batch-factory.js';
import { errors } from '../errors.js';
import { defineSchema, fieldType } from '../schema/define-schema.js';
import type { Fields, Schema } from '../schema/schema.js';
import { createAccumulators } from './aggregates/accumulators.js';
import type { AggregatePlan } from './aggregates/plan.js';
import { createGroupTable } from './keys/create-group-table.js';

/** Rows whose group numbers fit the second cache beside a small table. */
const BLOCK_ROWS = 16_384;

/**
 * One row per distinct key of a batch: the key columns, then the aggregates of a plan.
 *
 * Keys come in order of appearance; nulls are one key. Cost: one pass in blocks of rows, so that the numbers of the
 * groups do not leave the cache between being found and being used.
 * Errors: `COLUMN_UNKNOWN`; `KERNEL_ARGUMENT_INVALID` for a key that is a list or struct, or called like an aggregate.
 *
 * @example
 * groupBatch(flights, ['origin'], aggregates(flights.schema, (a) => ({ flights: a.count() })));
 */
export function groupBatch<F extends Fields, K extends keyof F & string, Out extends Fields>(
  batch: Batch<F>,
  keys: readonly K[],
  plan: AggregatePlan<F, Out>,
): Batch<Pick<F, K> & Out> {
  const schema = groupedSchema(batch.schema, keys, plan);
  const keyTypes = keys.map((key) => fieldType(batch.schema, key));
  const table = createGroupTable(keyTypes, { rows: batch.numRows });
  const totals = createAccumulators(plan);
  for (let start = 0; start < batch.numRows; start += BLOCK_ROWS) {
    const block = sliceBatch(batch, start, Math.min(batch.numRows, start + BLOCK_ROWS));
    const columns = keys.map((key) => block.column(key));
    const groups = table.assign(columns, block.numRows);
    totals.update(groups, table.size, block);
  }
  return trustedBatch(schema, table.size, [...table.keys(), ...totals.finish()]);
}

function groupedSchema<F extends Fields, K extends keyof F & string, Out extends Fields>(
  input: Schema<F>,
  keys: readonly K[],
  plan: AggregatePlan<F, Out>,
): Schema<Pick<F, K> & Out> {
  const taken = keys.find((key) => Object.hasOwn(plan.outputSchema.fields, key));
  if (taken !== undefined) {
    throw errors.error('KERNEL_ARGUMENT_INVALID', {
      what: `cannot group by "${taken}"`,
      why: 'an aggregate of the plan has that name',
      remedy: 'Give the aggregate another name.',
    });
  }
  const fields = Object.fromEntries(keys.map((key) => [key, fieldType(input, key)]));
  // Key columns keep their types, aggregates have those of the plan.
  return defineSchema({ ...fields, ...plan.outputSchema.fields }) as unknown as Schema<Pick<F, K> & Out>;
}
