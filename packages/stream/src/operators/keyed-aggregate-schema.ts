import { defineSchema, type Fields, type Schema } from '@sabot/columnar';
import type { AggregatePlan } from '@sabot/columnar/kernels';
import { streamErrors } from '../errors.js';

/** Keys, then `between`, then aggregates. Fails with `SABOT_STREAM_PLAN_INVALID` when an aggregate has a name of the others. */
export function keyedAggregateSchema(keys: readonly string[], between: Fields, aggregates: AggregatePlan): Schema {
  const { fields } = aggregates.inputSchema;
  const keyed = Object.fromEntries(keys.map((key) => [key, fields[key] as Fields[string]]));
  const computed = aggregates.outputSchema.fields;
  for (const column of Object.keys(computed)) {
    if (!Object.hasOwn(between, column) && !Object.hasOwn(keyed, column)) continue;
    throw streamErrors.error('PLAN_INVALID', {
      what: `cannot name an aggregate "${column}"`,
      why: 'the result has a key or window column of that name',
      remedy: 'Give the aggregate another name.',
    });
  }
  return defineSchema({ ...keyed, ...between, ...computed });
}
