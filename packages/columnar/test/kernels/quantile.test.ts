import { createBatch, rowsOf } from '@sabot/columnar';
import { aggregates, createAccumulators } from '@sabot/columnar/kernels';
import { randomBatch, seededRandom } from '@sabot/columnar/testing';
import { describe, expect, test, vi } from 'vitest';
import { allTypes } from '../support/schemas.js';
import { PROPERTY_TIMEOUT_MS, SEEDS } from '../support/seeds.js';

vi.setConfig({ testTimeout: PROPERTY_TIMEOUT_MS });

describe('quantiles', () => {
  const quantiles = aggregates(allTypes, (a) => ({ low: a.quantile('f64', 0.1), middle: a.quantile('i64', 0.5) }));

  test('lie within 1 % of the exact value, whether the rows come at once or in merged parts', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = seededRandom(seed);
      const parts = [randomBatch(allTypes, 40, random), randomBatch(allTypes, 30, random)];
      const accumulators = createAccumulators(quantiles);
      for (const part of parts) {
        const partial = createAccumulators(quantiles);
        partial.update(new Int32Array(part.numRows), 1, part);
        accumulators.merge(partial, Int32Array.of(0), 1);
      }
      const [result] = rowsOf(createBatch(quantiles.outputSchema, accumulators.finish()));
      const rows = parts.flatMap((part) => rowsOf(part));
      expectNear(
        result?.low,
        exactQuantile(
          rows.map((row) => row.f64),
          0.1,
        ),
        seed,
      );
      expectNear(
        result?.middle,
        exactQuantile(
          rows.map((row) => row.i64),
          0.5,
        ),
        seed,
      );
    }
  });

  test('outside of 0 to 1 are refused', () => {
    expect(() => aggregates(allTypes, (a) => ({ q: a.quantile('f64', 95) }))).toThrow(
      /quantile 95 of column "f64".*EXPRESSION_INVALID/,
    );
  });
});

function exactQuantile(values: readonly (number | bigint | null)[], q: number): number {
  const sorted = values
    .flatMap((value) => (value === null || Number.isNaN(Number(value)) ? [] : [Number(value)]))
    .sort((a, b) => (a < b ? -1 : 1));
  return sorted[Math.floor(q * (sorted.length - 1))] as number;
}

function expectNear(value: number | null | undefined, exact: number, seed: number): void {
  const apart = value === exact ? 0 : Math.abs((value as number) - exact);
  expect(apart, `seed ${seed}: ${value} for ${exact}`).toBeLessThanOrEqual(Math.abs(exact) * 0.0101);
}
