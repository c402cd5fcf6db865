import {
  type Batch,
  createBatch,
  defineSchema,
  int64,
  makeColumn,
  nullable,
  rowsOf,
  sliceBatch,
} from '@sabot/columnar';
import { aggregates, createAccumulators } from '@sabot/columnar/kernels';
import { expect, test, vi } from 'vitest';
import { PROPERTY_TIMEOUT_MS } from '../support/seeds.js';

vi.setConfig({ testTimeout: PROPERTY_TIMEOUT_MS });

const schema = defineSchema({ n: nullable(int64()) });
const plan = aggregates(schema, (a) => ({ about: a.approxCountDistinct('n'), exact: a.countDistinct('n') }));
type Numbers = Batch<typeof schema.fields>;

/** `rows` rows of `distinct` different numbers. */
function numbers(distinct: number, rows: number, first: number): Numbers {
  const values = Int32Array.from({ length: 2 * rows }, (_, i) => (i % 2 === 0 ? first + ((i / 2) % distinct) : 7));
  return createBatch(schema, [makeColumn(int64(), rows, { values })]);
}

function estimated(parts: readonly Numbers[]): number {
  const merged = createAccumulators(plan);
  for (const part of parts) {
    const partial = createAccumulators(plan);
    partial.update(new Int32Array(part.numRows), 1, part);
    const received = createAccumulators(plan);
    received.restore(partial.snapshot());
    merged.merge(received, Int32Array.of(0), 1);
  }
  return Number(rowsOf(createBatch(plan.outputSchema, merged.finish()))[0]?.about);
}

test('approximate distinct counts stay within four standard errors from 1 to 100,000 values', () => {
  for (const distinct of [1, 2, 10, 100, 1000, 5000, 10_000, 20_000, 100_000]) {
    for (const first of [0, 1_000_000, 77_000_000]) {
      const found = estimated([numbers(distinct, distinct, first)]);
      expect(Math.abs(found / distinct - 1), `${found} for ${distinct}`).toBeLessThanOrEqual(4 * (1.04 / 64));
    }
  }
});

test('their mean error over many sets is none', () => {
  const errors = Array.from({ length: 30 }, (_, i) => estimated([numbers(15_000, 15_000, i * 100_000)]) / 15_000 - 1);
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  expect(Math.abs(mean)).toBeLessThan(0.01);
});

test('any split of the rows gives the estimate of the whole', () => {
  const whole = numbers(20_000, 30_000, 5);
  const expected = estimated([whole]);
  for (const cut of [0, 1, 7777, 29_999])
    expect(estimated([sliceBatch(whole, 0, cut), sliceBatch(whole, cut)])).toBe(expected);
});

test('nulls do not count', () => {
  const none = createBatch(schema, [
    makeColumn(nullable(int64()), 3, { values: new Int32Array(6), validity: new Uint8Array(1) }),
  ]);
  expect(estimated([none])).toBe(0);
});
