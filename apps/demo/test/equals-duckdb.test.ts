import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outputFiles } from '../src/flights-job.js';
import { readRows } from './demo-output.js';
import { runBuiltDemo } from './demo-process.js';
import { computeReference, type Reference } from './duckdb-reference.js';

describe('the demo over all 3,000,000 flights', () => {
  let folder: string;
  let reference: Reference;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sabot-demo-'));
    const run = await runBuiltDemo(folder);
    expect(run.stderr).toBe('');
    expect(run.exitCode).toBe(0);
    reference = await computeReference();
  }, 300_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const output = (file: string) => join(folder, 'output', file);

  it('gives every hourly window that DuckDB gives, with equal counts and maxima and means within 1e-9', () => {
    const hours = keyed(readRows(output(outputFiles.hours)), hourKey);
    expect(hours.size).toBe(reference.hours.length);
    const wrong = reference.hours.filter((expected) => {
      const actual = hours.get(hourKey(expected));
      return !(
        actual !== undefined &&
        actual['windowEnd'] === expected.windowStart + 3_600_000 &&
        actual['windowTime'] === expected.windowStart + 3_599_999 &&
        same(actual, expected, ['city', 'state', 'flights', 'maxDelay']) &&
        close(actual['meanDelay'], expected.meanDelay)
      );
    });
    expect(wrong.slice(0, 3)).toEqual([]);
  });

  it("gives every airport's running statistics at the end of each of its days", () => {
    const statistics = keyed(readRows(output(outputFiles.statistics)), dayKey);
    expect(statistics.size).toBe(reference.statistics.length);
    const wrong = reference.statistics.filter((expected) => {
      const actual = statistics.get(dayKey(expected));
      return !(
        actual !== undefined &&
        same(actual, expected, ['flights', 'lateFlights', 'maxDelay', 'miles']) &&
        close(actual['meanDelay'], expected.meanDelay)
      );
    });
    expect(wrong.slice(0, 3)).toEqual([]);
  });

  it('raises the alerts that the same rule in SQL raises', () => {
    const lines = readFileSync(output(outputFiles.alerts), 'utf8').trim().split('\n');
    const alerts = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    const timeOf = (alert: Readonly<Record<string, unknown>>) =>
      new Date(alert['windowStart'] as string | number).getTime();
    const actual = alerts.map((alert) => `${alert['origin']} ${timeOf(alert)}`).sort();
    expect(actual).toEqual(reference.alerts.map(({ origin, windowStart }) => `${origin} ${windowStart}`).sort());
  });

  it('finds no late flight in a file that is in time order', () => {
    expect(readFileSync(output(outputFiles.late), 'utf8')).toBe('');
  });
});

type Row = Readonly<Record<string, unknown>>;
const hourKey = (row: { readonly origin?: unknown; readonly windowStart?: unknown }) =>
  `${row.origin} ${row.windowStart}`;
const dayKey = (row: { readonly origin?: unknown; readonly dayEnd?: unknown }) => `${row.origin} ${row.dayEnd}`;

/** Rows by key; a key that comes twice is an error, not an overwrite. */
function keyed(rows: readonly Row[], key: (row: Row) => string): Map<string, Row> {
  const byKey = new Map(rows.map((row) => [key(row), row]));
  expect(byKey.size).toBe(rows.length);
  return byKey;
}

function same(actual: Row, expected: object, names: readonly string[]): boolean {
  return names.every((name) => actual[name] === (expected as Row)[name]);
}

function close(actual: unknown, expected: number): boolean {
  return typeof actual === 'number' && Math.abs(actual - expected) <= 1e-9;
}
