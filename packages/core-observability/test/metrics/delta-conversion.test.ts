import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeltaConversion } from '../../src/metrics/delta-conversion.js';
import type { HistogramHandle } from '../../src/metrics/histogram-series.js';
import { MetricRegistry } from '../../src/metrics/metric-registry.js';
import type { CounterHandle } from '../../src/metrics/number-series.js';
import type { HistogramPoint, MetricPoint } from '../../src/metrics/snapshot.js';

const scope = { name: '@sabot/stream', version: '0.1.0' };

function given(kind: 'counter' | 'histogram' | 'upDownCounter') {
  const registry = new MetricRegistry({ exponentialHistograms: true });
  const instrument = registry.instrument(scope, { name: 'm', kind, unit: '1', brief: '', attributes: ['key'] });
  const reader = registry.openReader();
  const delta = new DeltaConversion();
  const next = (): readonly MetricPoint[] => delta.convert(reader.collect())[0]?.points ?? [];
  return { instrument, next };
}

describe('delta temporality', () => {
  it('says what a counter gained between two collections, and the gains add up to the total', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(1000), { maxLength: 5 }), { minLength: 1, maxLength: 10 }), (rounds) => {
        const { instrument, next } = given('counter');
        const series = instrument.series({ key: 'a' }) as CounterHandle;
        const gains = rounds.map((amounts) => {
          for (const amount of amounts) series.add(amount);
          const [point] = next();
          return point?.type === 'number' ? point.value : Number.NaN;
        });
        expect(gains).toEqual(rounds.map((amounts) => amounts.reduce((sum, amount) => sum + amount, 0)));
      }),
    );
  });

  it('makes the buckets of a histogram add up too, explicit and exponential', () => {
    const values = fc.double({ min: 1e-6, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.array(values, { maxLength: 20 }), { minLength: 1, maxLength: 6 }), (rounds) => {
        const { instrument, next } = given('histogram');
        const series = instrument.series({ key: 'a' }) as HistogramHandle;
        for (const measured of rounds) {
          for (const value of measured) series.record(value);
          const point = next()[0] as HistogramPoint;
          expect(point.count).toBe(measured.length);
          expect(point.bucketCounts.reduce((sum, count) => sum + count, 0)).toBe(measured.length);
          const { counts } = point.exponential?.positive ?? { counts: [] };
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(measured.length);
          expect(Math.min(0, ...counts)).toBe(0);
        }
      }),
    );
  });

  it('gives the last gain of a series that ends, and starts a new one of the same name from nothing', () => {
    const { instrument, next } = given('counter');
    const first = instrument.series({ key: 'a' }) as CounterHandle;
    first.add(5);
    expect(next()).toMatchObject([{ value: 5 }]);
    first.add(2);
    first.remove();
    expect(next()).toMatchObject([{ value: 2 }]);
    const second = instrument.series({ key: 'a' }) as CounterHandle;
    second.add(3);
    expect(next()).toMatchObject([{ value: 3 }]);
  });

  it('leaves up-down counters as they are', () => {
    const { instrument, next } = given('upDownCounter');
    const series = instrument.series({ key: 'a' }) as CounterHandle;
    series.add(5);
    next();
    series.add(-2);
    expect(next()).toMatchObject([{ value: 3 }]);
  });
});
