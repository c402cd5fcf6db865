import { batchOf, defineSchema, int32, timestamp, utf8 } from '@sabot/columnar';
import type { NumberExpr } from '@sabot/columnar/expressions';
import { type AggregatePlan, aggregates } from '@sabot/columnar/kernels';
import { describe, it } from 'vitest';
import { deduplicateSpec } from '../../src/operators/keyed/deduplicate.js';
import { reduceSpec } from '../../src/operators/keyed/reduce.js';
import { rebatchSpec } from '../../src/operators/rebatch.js';
import { mapBatchesSpec } from '../../src/operators/rows/map-batches.js';
import { mapRowsSpec } from '../../src/operators/rows/map-rows.js';
import { aggregateTableSpec } from '../../src/operators/tables/aggregate-table.js';
import { topNSpec } from '../../src/operators/tables/top-n.js';
import { upsertTableSpec } from '../../src/operators/tables/upsert-table.js';
import type { OperatorSpec } from '../../src/plan/operator-spec.js';
import { operatorConformance } from '../../src/testing/operator-conformance.js';

const schema = defineSchema({ key: utf8(), at: timestamp('ms'), value: int32() });
const batch = (keys: readonly string[], times: readonly number[], values: readonly number[]) =>
  batchOf(schema, { key: keys, at: times, value: values });
const scenario = [
  { batch: batch(['a', 'b', 'a', 'c', 'b'], [10, 20, 30, 15, 90], [1, 2, 13, 4, 5]) },
  { watermarkMs: 40 },
  { batch: batch(['c', 'a', 'd', 'a'], [60, 45, 70, 110], [6, 7, 8, 13]) },
  { watermarkMs: 80 },
  { batch: batch(['d', 'b', 'c', 'a', 'a', 'b'], [100, 120, 125, 300, 130, 81], [9, 10, 11, 12, 1, 2]) },
];

/** 13 is the row that functions throw on. */
const unlucky = (value: unknown) => {
  if (value === 13) throw new RangeError('13');
};
const common = { name: undefined, input: schema, keys: ['key'], eventTime: undefined, onError: 'skip' } as const;
const specs: readonly OperatorSpec[] = [
  mapRowsSpec({
    ...common,
    kind: 'flat_map',
    output: schema,
    call(row, draft, emit) {
      Object.assign(draft, row);
      emit();
      unlucky(row['value']);
      emit();
    },
  }),
  mapBatchesSpec({
    ...common,
    output: schema,
    call(rows) {
      for (const value of rows.column('value').values) unlucky(value);
      return rows;
    },
  }),
  deduplicateSpec({ ...common, withinMs: undefined }),
  deduplicateSpec({ ...common, withinMs: 25, eventTime: 'at' }),
  reduceSpec({
    ...common,
    fold(total, row) {
      total['value'] = Number(total['value']) + Number(row['value']);
      total['at'] = row['at'];
      unlucky(row['value']);
    },
  }),
  upsertTableSpec({
    ...common,
    versionTime: undefined,
    deleteWhen: (c) => (c['value'] as NumberExpr<ReturnType<typeof int32>>).gt(9),
  }),
  upsertTableSpec({
    ...common,
    versionTime: 'at',
    deleteWhen: (c) => (c['value'] as NumberExpr<ReturnType<typeof int32>>).eq(1),
  }),
  aggregateTableSpec({
    name: undefined,
    keys: ['key'],
    aggregates: aggregates(schema, (a) => ({
      rows: a.count(),
      total: a.sum('value'),
      last: a.last('at'),
    })) as AggregatePlan,
  }),
  topNSpec({ ...common, limit: 2, by: [{ by: 'value', descending: true }] }),
  topNSpec({ ...common, keys: [], limit: 3, by: [{ by: 'at' }, { by: 'key' }] }),
  rebatchSpec(schema, { rows: 4 }, undefined),
  rebatchSpec(schema, { bytes: 60 }, undefined),
];

describe('operators', () => {
  for (const spec of specs) {
    const rules = operatorConformance(`${spec.kind} ${spec.describe}`, () => ({
      create: () => spec.create(),
      scenario,
    }));
    for (const { name, run } of rules) it(name, run);
  }
});
