import { batchOf, defineSchema } from '@sabot/columnar';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WatermarkMerger } from '../../src/time/watermark-merger.js';
import { boundedDisorder, monotonic } from '../../src/time/watermark-strategy.js';

describe('watermark merger', () => {
  it('says nothing before every input has had its first watermark', () => {
    const merger = new WatermarkMerger(2);
    merger.advance(0, 100);
    expect(merger.next()).toBeUndefined();
    merger.advance(1, 50);
    expect(merger.next()).toEqual({ kind: 'watermark', timeMs: 50 });
    expect(merger.next()).toBeUndefined();
  });

  it('leaves idle inputs out, says idle when all are, and says the time again when one comes back', () => {
    const merger = new WatermarkMerger(2);
    merger.advance(0, 100);
    merger.advance(1, 50);
    merger.next();
    merger.markIdle(1);
    expect(merger.next()).toEqual({ kind: 'watermark', timeMs: 100 });
    merger.markIdle(0);
    expect(merger.next()).toEqual({ kind: 'idle' });
    expect(merger.next()).toBeUndefined();
    merger.advance(1, 60);
    expect(merger.next()).toEqual({ kind: 'watermark', timeMs: 100 });
  });

  it('does not go to the end of time because one input has ended and the others are idle', () => {
    const merger = new WatermarkMerger(2);
    merger.advance(0, Number.POSITIVE_INFINITY);
    merger.advance(1, 10);
    merger.next();
    merger.markIdle(1);
    expect(merger.next()).toEqual({ kind: 'idle' });
    merger.advance(1, Number.POSITIVE_INFINITY);
    expect(merger.next()).toEqual({ kind: 'watermark', timeMs: Number.POSITIVE_INFINITY });
  });

  it('never goes backwards and is never ahead of an input that counts', () => {
    const step = fc.record({ input: fc.nat(2), timeMs: fc.integer({ min: -5, max: 20 }), idle: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const merger = new WatermarkMerger(3);
        const times = [-Infinity, -Infinity, -Infinity];
        const idle = [false, false, false];
        let lastMs = -Infinity;
        for (const { input, timeMs, idle: becomesIdle } of steps) {
          if (becomesIdle) merger.markIdle(input);
          else {
            merger.advance(input, timeMs);
            times[input] = Math.max(times[input] as number, timeMs);
          }
          idle[input] = becomesIdle;
          const signal = merger.next();
          if (signal?.kind !== 'watermark') continue;
          expect(signal.timeMs).toBeGreaterThanOrEqual(lastMs);
          const counting = times.filter((_, at) => !idle[at]);
          if (signal.timeMs > lastMs) expect(signal.timeMs).toBe(Math.min(...counting));
          lastMs = signal.timeMs;
        }
      }),
    );
  });
});

const nothing = batchOf(defineSchema({}), {});
const noTimes = () => new Float64Array(0);

describe('watermark strategies', () => {
  it('trail the latest time by the delay and one millisecond, so that equal times are not late', () => {
    const bounded = boundedDisorder({ maxDelayMs: 30 }).create();
    expect(bounded.current()).toBe(Number.NEGATIVE_INFINITY);
    bounded.onBatch(5, 100, nothing, noTimes);
    bounded.onBatch(1, 50, nothing, noTimes);
    expect(bounded.current()).toBe(69);
    const ordered = monotonic().create();
    ordered.onBatch(1, 7, nothing, noTimes);
    expect(ordered.current()).toBe(6);
  });

  it('refuse a delay that is none', () => {
    expect(() => boundedDisorder({ maxDelayMs: -1 })).toThrow(/maxDelayMs -1/);
    expect(() => boundedDisorder({ maxDelayMs: Number.POSITIVE_INFINITY })).toThrow(/finite/);
  });
});
