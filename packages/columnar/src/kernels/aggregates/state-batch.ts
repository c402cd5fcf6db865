import type { Batch } from '../../batch/batch.js';
import { trustedBatch } from '../../batch/batch-factory.js';
import { makeColumn } from '../../batch/make-column.js';
import { defineSchema } from '../../schema/define-schema.js';
import type { Schema } from '../../schema/schema.js';
import { float64 } from '../../schema/types.js';

const schemas = new Map<string, Schema>();

/** A batch of named float64 state columns. */
export function floatState(states: Readonly<Record<string, Float64Array>>, count: number): Batch {
  const names = Object.keys(states);
  const key = names.join();
  let schema = schemas.get(key);
  if (schema === undefined) {
    schema = defineSchema(Object.fromEntries(names.map((name) => [name, float64()])));
    schemas.set(key, schema);
  }
  const columns = names.map((name) =>
    makeColumn(float64(), count, { values: (states[name] as Float64Array).slice(0, count) }),
  );
  return trustedBatch(schema, count, columns);
}

/** The values of one float64 state column. */
export function floatsOf(state: Batch, name: string): Float64Array {
  return state.column(name).values as Float64Array;
}
