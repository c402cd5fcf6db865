import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExponentialBuckets, type ExponentialSide, indexOf } from '../../src/metrics/exponential-buckets.js';

const anyValue = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ noNaN: true, min: 1e-6, max: 10 }),
  fc.constantFrom(0, 1, 2, 0.5, -4, 1e300, Number.MIN_VALUE),
);
const total = ({ counts }: ExponentialSide) => counts.reduce((sum, count) => sum + count, 0);

describe('exponential buckets', () => {
  it('hold every value exactly once, in at most 160 buckets a side', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 300 }), (values) => {
        const buckets = new ExponentialBuckets();
        for (const value of values) buckets.record(value);
        const { scale, zeroCount, positive, negative } = buckets.read();
        expect(zeroCount).toBe(values.filter((value) => value === 0).length);
        for (const [side, sign] of [
          [positive, 1],
          [negative, -1],
        ] as const) {
          const held = values.filter((value) => value * sign > 0).map(Math.abs);
          expect(total(side)).toBe(held.length);
          expect(side.counts.length).toBeLessThanOrEqual(160);
          // What was merged on the way is where the final scale would have put it.
          const direct = new Map<number, number>();
          for (const value of held) direct.set(indexOf(value, scale), (direct.get(indexOf(value, scale)) ?? 0) + 1);
          expect(side.counts).toEqual(side.counts.map((_, at) => direct.get(side.offset + at) ?? 0));
        }
      }),
    );
  });

  it('begin as fine as they can and become coarser only as far as needed', () => {
    const buckets = new ExponentialBuckets();
    buckets.record(1.5);
    expect(buckets.read().scale).toBe(20);
    buckets.record(3);
    // A factor of 2 in 160 buckets: scale 7 has 128 of them for it, scale 8 would need 256.
    expect(buckets.read().scale).toBe(7);
  });

  it.each([
    [1, 0, -1],
    [2, 0, 0],
    [4, 0, 1],
    [3, 0, 1],
    [1, 1, -1],
    [2, 1, 1],
    [Math.SQRT2 * 1.0001, 1, 1],
    [4, -1, 0],
    [4.0001, -1, 1],
    [1e-300, -5, -32],
  ])('put %d at scale %d into bucket %d: (base^i, base^(i+1)]', (value, scale, index) => {
    expect(indexOf(value, scale)).toBe(index);
  });
});
