import { describe, expect, it } from 'vitest';
import { amount, bytes, duration, eventTime, relativeTime } from '../../src/output/quantities.js';
import { renderTree } from '../../src/output/tree.js';
import { quantile } from '../../src/telemetry/histogram-quantile.js';
import { readSamples } from '../../src/telemetry/prometheus-samples.js';

describe('output', () => {
  it('writes durations with three figures in the unit that fits', () => {
    const written = [0, 0.0005, 0.0123, 0.5, 4.214, 42.14, 421.4, 1500, 125_000, 7_260_000].map(duration);
    expect(written).toEqual([
      '0 ns',
      '500 ns',
      '12.3 µs',
      '500 µs',
      '4.21 ms',
      '42.1 ms',
      '421 ms',
      '1.50 s',
      '2 min 5 s',
      '2 h 1 min',
    ]);
  });

  it('writes times relative to now', () => {
    const written = [0, 400, 12_000, 200_000, 8_000_000, 4e8, -5000].map((ago) => relativeTime(1e12 - ago, 1e12));
    expect(written).toEqual(['just now', 'just now', '12 s ago', '3 min ago', '2 h ago', '4 d ago', 'in 5 s']);
  });

  it('writes event times as times, and a dash where there is none', () => {
    const written = [984_560_400, 0.5, 0, Number.POSITIVE_INFINITY].map(eventTime);
    expect(written).toEqual(['2001-03-14 09:00:00', '1970-01-01 00:00:00', '-', '-']);
  });

  it('writes bytes and amounts', () => {
    expect([0, 1023, 1536, 5_000_000].map(bytes)).toEqual(['0 B', '1023 B', '1.50 KiB', '4.77 MiB']);
    expect([0, 1234567, 3.1449, 0.04213, 1234.5, Number.POSITIVE_INFINITY].map(amount)).toEqual([
      '0',
      '1,234,567',
      '3.14',
      '0.0421',
      '1,235',
      'Infinity',
    ]);
  });

  it('draws trees with box characters', () => {
    const leaf = (label: string) => ({ label, children: [] });
    const tree = { label: 'a', children: [{ label: 'b', children: [leaf('c')] }, leaf('d')] };
    expect(renderTree(tree)).toBe('a\n├─ b\n│  └─ c\n└─ d\n');
  });

  it('estimates quantiles within what was measured', () => {
    const buckets = { boundaries: [1, 2, 5], bucketCounts: [10, 80, 10, 0], count: 100, min: 0.5, max: 4 };
    expect(quantile(buckets, 0.5)).toBeCloseTo(1.5);
    expect(quantile(buckets, 0.99)).toBeCloseTo(3.8);
    expect(quantile(buckets, 1)).toBe(4);
    expect(quantile({ boundaries: [1], bucketCounts: [0, 4], count: 4, min: 3, max: 7 }, 0.5)).toBe(5);
  });

  it('reads the Prometheus text format, escapes and exemplars included', () => {
    const text =
      '# HELP a b\na_total{x="1\\"2",y="c\\nd"} 3 # {trace_id="q"} 1\nb 4.5 1700000000\nc_bucket{le="+Inf"} +Inf\n# EOF\n';
    expect(readSamples(text)).toEqual([
      { name: 'a_total', labels: { x: '1"2', y: 'c\nd' }, value: 3 },
      { name: 'b', labels: {}, value: 4.5 },
      { name: 'c_bucket', labels: { le: '+Inf' }, value: Number.POSITIVE_INFINITY },
    ]);
  });
});
