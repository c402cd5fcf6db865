import { batchOf, decimal128, defineSchema, float64, int64, nullable, rowsOf, utf8 } from '@sabot/columnar';
import { columnsOf, compilePipeline, type Expr } from '@sabot/columnar/expressions';
import { type RandomSource, seededRandom } from '@sabot/columnar/testing';
import { describe, expect, test, vi } from 'vitest';
import { PROPERTY_TIMEOUT_MS, SEEDS } from '../support/seeds.js';

vi.setConfig({ testTimeout: PROPERTY_TIMEOUT_MS });

/** Decimals as bigints of their smallest digit: what the package computes in words, JavaScript computes here. */
const schema = defineSchema({ a: decimal128(18, 4), b: nullable(decimal128(15, 2)), n: int64(), f: float64() });
const c = columnsOf(schema);

function digits(random: RandomSource, count: number): bigint {
  const length = 1 + Math.floor(random() * count);
  const text = Array.from({ length }, () => Math.floor(random() * 10)).join('');
  return random() < 0.5 ? -BigInt(text) : BigInt(text);
}

function textOf(unscaled: bigint, scale: number): string {
  const padded = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const sign = unscaled < 0n ? '-' : '';
  return scale === 0 ? sign + padded : `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

/** Divides by a power of ten, halves away from zero. */
function rounded(unscaled: bigint, by: number): bigint {
  const factor = 10n ** BigInt(by);
  const magnitude = unscaled < 0n ? -unscaled : unscaled;
  const result = (magnitude + factor / 2n) / factor;
  return unscaled < 0n ? -result : result;
}

function floored(unscaled: bigint, by: number): bigint {
  const factor = 10n ** BigInt(by);
  return unscaled < 0n && unscaled % factor !== 0n ? unscaled / factor - 1n : unscaled / factor;
}

describe.each(['compiled', 'interpreted'] as const)('%s decimal arithmetic', (mode) => {
  test(`equals that of whole numbers over ${20 * SEEDS} random rows`, () => {
    const random = seededRandom(42);
    const rows = Array.from({ length: 20 * SEEDS }, () => ({
      a: digits(random, 18),
      b: random() < 0.2 ? null : digits(random, 15),
      n: digits(random, 18),
    }));
    const batch = batchOf(schema, {
      a: rows.map(({ a }) => textOf(a, 4)),
      b: rows.map(({ b }) => (b === null ? null : textOf(b, 2))),
      n: rows.map(({ n }) => n),
      f: rows.map(() => 0),
    });
    const check = (
      expression: Expr,
      scale: number,
      naive: (a: bigint, b: bigint, n: bigint) => bigint | null,
    ): void => {
      const run = compilePipeline(schema, [{ select: { value: expression } }], { mode });
      const expected = rows.map(({ a, b, n }) => {
        const value = b === null && /\bb\b/.test(String(expression)) ? null : naive(a, b ?? 0n, n);
        return value === null ? null : textOf(value, scale);
      });
      expect(
        rowsOf(run.run(batch)).map(({ value }) => value),
        String(expression),
      ).toEqual(expected);
    };
    check(c.a.add(c.b), 4, (a, b) => a + b * 100n);
    check(c.a.sub(c.b), 4, (a, b) => a - b * 100n);
    check(c.a.mul(c.b), 6, (a, b) => a * b);
    check(c.a.mod(c.b), 4, (a, b) => (b === 0n ? null : a % (b * 100n)));
    check(c.a.add(c.n), 4, (a, _, n) => a + n * 10_000n);
    check(c.a.neg(), 4, (a) => -a);
    check(c.a.abs(), 4, (a) => (a < 0n ? -a : a));
    check(c.a.round(), 0, (a) => rounded(a, 4));
    check(c.a.trunc(), 0, (a) => a / 10_000n);
    check(c.a.floor(), 0, (a) => floored(a, 4));
    check(c.a.ceil(), 0, (a) => -floored(-a, 4));
    check(c.a.cast(decimal128(20, 1)), 1, (a) => rounded(a, 3));
    check(c.a.cast(utf8()).cast(decimal128(18, 2)), 2, (a) => rounded(a, 2));
  });

  test('compares exactly with decimals of another scale and with integers', () => {
    const batch = batchOf(schema, {
      a: ['1.5000', '-0.0001', '2.0000', '99999999999999.9999'],
      b: ['1.50', '0.00', null, '9999999999999.99'],
      n: [1n, 0n, 2n, 100_000_000_000_000n],
      f: [0, 0, 0, 0],
    });
    const run = compilePipeline(
      schema,
      [
        {
          select: {
            eq: c.a.eq(c.b),
            lt: c.a.lt(c.b),
            isN: c.a.eq(c.n),
            belowN: c.a.lt(c.n),
            known: c.a.in(['1.5', 2]),
          },
        },
      ],
      { mode },
    );
    expect(rowsOf(run.run(batch))).toEqual([
      { eq: true, lt: false, isN: false, belowN: false, known: true },
      { eq: false, lt: true, isN: false, belowN: true, known: false },
      { eq: null, lt: null, isN: true, belowN: false, known: true },
      { eq: false, lt: false, isN: false, belowN: true, known: false },
    ]);
  });

  test('fails beyond 38 digits, whatever the overflow rule, and on casts that do not fit', () => {
    const wide = defineSchema({ w: decimal128(38, 0) });
    const w = columnsOf(wide).w;
    const batch = batchOf(wide, { w: ['9'.repeat(38)] });
    const value = (expression: Expr): unknown =>
      rowsOf(compilePipeline(wide, [{ select: { value: expression } }], { mode, overflow: 'wrap' }).run(batch))[0]?.[
        'value'
      ];
    expect(() => value(w.add(1))).toThrow(/add left the range.*decimal128\(38, 0\).*ARITHMETIC_OVERFLOW/);
    expect(() => value(w.mul(w))).toThrow('ARITHMETIC_OVERFLOW');
    expect(value(w.sub(1))).toBe(`${'9'.repeat(37)}8`);
    expect(() => value(w.cast(int64()))).toThrow('CAST_INVALID');
    expect(value(w.tryCast(decimal128(38, 1)))).toBeNull();
    expect(value(w.cast(float64()))).toBe(1e38);
  });

  test('turns floats into decimals to the nearest digit, and refuses what is none', () => {
    const batch = batchOf(schema, {
      a: Array(6).fill('0.0000'),
      b: Array(6).fill(null),
      n: Array(6).fill(0n),
      f: [2.5, -2.345, 1e15, Number.NaN, Number.POSITIVE_INFINITY, 1e300],
    });
    const run = compilePipeline(schema, [{ select: { d: c.f.tryCast(decimal128(18, 2)) } }], { mode });
    expect(rowsOf(run.run(batch)).map(({ d }) => d)).toEqual([
      '2.50',
      '-2.35',
      '1000000000000000.00',
      null,
      null,
      null,
    ]);
  });
});
