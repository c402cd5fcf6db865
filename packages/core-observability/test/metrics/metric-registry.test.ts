import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MetricKind } from '../../src/catalogue/catalogue.js';
import type { HistogramHandle } from '../../src/metrics/histogram-series.js';
import { DEFAULT_BOUNDARIES } from '../../src/metrics/histogram-series.js';
import { MetricRegistry, type MetricRegistryOptions } from '../../src/metrics/metric-registry.js';
import type { CounterHandle, GaugeHandle } from '../../src/metrics/number-series.js';
import type { MetricPoint } from '../../src/metrics/snapshot.js';

const scope = { name: '@sabot/stream', version: '0.1.0' };

function registryWith(kind: MetricKind, options: MetricRegistryOptions = {}) {
  const registry = new MetricRegistry(options);
  const instrument = registry.instrument(scope, {
    name: 'sabot.rows',
    kind,
    unit: '1',
    brief: 'Rows.',
    attributes: ['key'],
  });
  const points = (): readonly MetricPoint[] => registry.collect()[0]?.points ?? [];
  const values = () => points().map((point) => (point.type === 'number' ? point.value : point.count));
  return { registry, instrument, points, values };
}

describe('a counter', () => {
  it('adds up what all its bindings and reading functions say', () => {
    const { instrument, values } = registryWith('counter');
    const first = instrument.series({ key: 'a' }) as CounterHandle;
    const second = instrument.series({ key: 'a' }) as CounterHandle;
    instrument.observe({ key: 'a' }, () => 100);
    first.add(1);
    second.add(2.5);
    expect(values()).toEqual([103.5]);
  });

  it('never goes down when one of several reading functions is removed', () => {
    const { instrument, values } = registryWith('counter');
    let rows = 10;
    const gone = instrument.observe({ key: 'a' }, () => rows);
    instrument.observe({ key: 'a' }, () => 5);
    rows = 20;
    gone.remove();
    gone.remove();
    rows = 1000;
    expect(values()).toEqual([25]);
  });

  it('refuses what would make it go down or poison it, and counts the refusals', () => {
    const { registry, instrument, values } = registryWith('counter');
    const series = instrument.series({ key: 'a' }) as CounterHandle;
    for (const amount of [-1, Number.NaN, Number.POSITIVE_INFINITY]) series.add(amount);
    series.add(2);
    expect(values()).toEqual([2]);
    expect(registry.losses.invalid).toBe(3);
  });

  it('survives a reading function that throws, and counts it', () => {
    const { registry, instrument, values } = registryWith('counter');
    instrument.observe({ key: 'a' }, () => {
      throw new TypeError('not ready');
    });
    instrument.observe({ key: 'b' }, () => 3);
    expect(values()).toEqual([0, 3]);
    expect(registry.losses.failedReads).toBe(1);
  });
});

describe('a gauge', () => {
  it('is not there before it is set, and then says the last value', () => {
    const { instrument, values } = registryWith('gauge');
    const series = instrument.series({ key: 'a' }) as GaugeHandle;
    expect(values()).toEqual([]);
    series.set(3);
    series.set(-4);
    expect(values()).toEqual([-4]);
  });
});

describe('a series', () => {
  it('disappears with its last binding; a reader sees its last value once', () => {
    const { registry, instrument, values } = registryWith('counter');
    const reader = registry.openReader();
    const first = instrument.series({ key: 'a' }) as CounterHandle;
    const second = instrument.series({ key: 'a' }) as CounterHandle;
    first.add(7);
    first.remove();
    first.remove();
    expect(values()).toEqual([7]);
    second.remove();
    expect(values()).toEqual([]);
    expect(reader.collect()[0]?.points).toMatchObject([{ value: 7 }]);
    expect(reader.collect()).toEqual([]);
    first.add(100);
    instrument.series({ key: 'b' });
    expect(values()).toEqual([0]);
  });

  it('beyond the limit is counted into the overflow series', () => {
    const { registry, instrument, points } = registryWith('counter', { seriesLimit: 3 });
    for (let n = 0; n < 10; n++) (instrument.series({ key: `k${n}` }) as CounterHandle).add(1);
    expect(points().map(({ attributes }) => attributes)).toEqual([
      { key: 'k0' },
      { key: 'k1' },
      { key: 'k2' },
      { 'otel.metric.overflow': true },
    ]);
    expect(points().at(-1)).toMatchObject({ value: 7 });
    expect(registry.losses.overflowed).toBe(7);
  });

  it('tells attributes apart by type and never by order', () => {
    const { instrument, values } = registryWith('counter');
    (instrument.series({ a: '1', b: 2 }) as CounterHandle).add(1);
    (instrument.series({ b: 2, a: '1' }) as CounterHandle).add(1);
    (instrument.series({ a: 1, b: 2 }) as CounterHandle).add(1);
    (instrument.series({ a: '1:b', b: 2 }) as CounterHandle).add(1);
    expect(values()).toEqual([2, 1, 1]);
  });
});

describe('a histogram', () => {
  it('counts every finite value into the bucket whose bounds hold it', () => {
    const anyValue = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true, min: 0, max: 20 }),
      fc.constantFrom(...DEFAULT_BOUNDARIES),
    );
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 200 }), (measured) => {
        const { instrument, points } = registryWith('histogram');
        const series = instrument.series({ key: 'a' }) as HistogramHandle;
        for (const value of measured) series.record(value);
        const [point] = points();
        if (point?.type !== 'histogram') return false;
        const expected = [...DEFAULT_BOUNDARIES, Number.POSITIVE_INFINITY].map(
          (bound, at) =>
            measured.filter(
              (value) => value <= bound && value > (DEFAULT_BOUNDARIES[at - 1] ?? Number.NEGATIVE_INFINITY),
            ).length,
        );
        expect(point.bucketCounts).toEqual(expected);
        expect(point.count).toBe(measured.length);
        expect(point.sum).toBeCloseTo(
          measured.reduce((sum, value) => sum + value, 0),
          6,
        );
        expect(point.min).toBe(measured.length === 0 ? undefined : Math.min(...measured));
        return true;
      }),
    );
  });

  it('keeps the exemplar of a sampled span only', () => {
    const { instrument, points } = registryWith('histogram');
    const series = instrument.series({ key: 'a' }) as HistogramHandle;
    series.record(0.3, { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 });
    series.record(3, { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), traceFlags: 0 });
    const [point] = points();
    expect(point).toMatchObject({ exemplars: [{ value: 0.3, traceId: 'a'.repeat(32) }] });
  });
});

describe('a metric', () => {
  it('cannot be declared twice in two ways', () => {
    const { registry } = registryWith('counter');
    const again = { name: 'sabot.rows', kind: 'gauge', unit: '1', brief: '', attributes: [] } as const;
    expect(() => registry.instrument(scope, again)).toThrow(/SABOT_TELEMETRY_METRIC_CONFLICT/);
  });

  it('needs a name that OpenTelemetry allows', () => {
    const bad = { name: '1 bad name', kind: 'gauge', unit: '1', brief: '', attributes: [] } as const;
    expect(() => new MetricRegistry().instrument(scope, bad)).toThrow(/SABOT_TELEMETRY_METRIC_NAME_INVALID/);
  });

  it('cannot be read when it is a histogram', () => {
    const { instrument } = registryWith('histogram');
    expect(() => instrument.observe({ key: 'a' }, () => 1)).toThrow(/SABOT_TELEMETRY_METRIC_NOT_READABLE/);
  });
});
