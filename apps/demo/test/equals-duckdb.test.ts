import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outputFiles } from '../src/job-names.js';
import { readRows } from './demo-output.js';
import { runBuiltDemo } from './demo-process.js';
import { computeReference, type Reference } from './duckdb-reference.js';
import { expectRows, windowKey } from './row-comparison.js';

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
    const expected = reference.hours.map((hour) => ({
      ...hour,
      windowEnd: hour.windowStart + 3_600_000,
      windowTime: hour.windowStart + 3_599_999,
    }));
    expectRows(readRows(output(outputFiles.hours)), expected, {
      key: windowKey,
      same: ['windowEnd', 'windowTime', 'city', 'state', 'flights', 'maxDelay'],
      close: ['meanDelay'],
    });
  });

  it("gives every airport's running statistics at the end of each of its days", () => {
    expectRows(readRows(output(outputFiles.statistics)), reference.statistics, {
      key: ({ origin, dayEnd }) => `${origin} ${dayEnd}`,
      same: ['flights', 'lateFlights', 'maxDelay', 'miles'],
      close: ['meanDelay'],
    });
  });

  it('finds the jams that the same hopping windows in SQL find', () => {
    expect(reference.jams.length).toBeGreaterThan(1000);
    const [same, close] = [['windowEnd', 'flights'], ['meanDelay']] as const;
    expectRows(readRows(output(outputFiles.jams)), reference.jams, { key: windowKey, same, close });
  });

  it('finds the bursts of late departures that gaps and islands in SQL find', () => {
    expect(reference.bursts.length).toBeGreaterThan(1000);
    expectRows(readRows(output(outputFiles.bursts)), reference.bursts, {
      key: windowKey,
      same: ['windowEnd', 'flights', 'maxDelay'],
      close: ['meanDelay'],
    });
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
