import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorIds, outputFiles } from '../src/job-names.js';
import { readRows } from './demo-output.js';
import { runBuiltDemo } from './demo-process.js';
import { type ArrivalReference, computeArrivalReference } from './duckdb-reference.js';
import { expectRows, type Row, windowKey } from './row-comparison.js';

describe('the demo over the flights as they took off', () => {
  let folder: string;
  let reference: ArrivalReference;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sabot-departed-'));
    // Killed and started again on its way: what was held back and what was late stay the same.
    const killed = await runBuiltDemo(folder, {
      flags: ['--as-departed'],
      progressAt: /checkpoint [3-9]/,
      onProgress: (child) => child.kill('SIGKILL'),
    });
    expect(killed.signal).toBe('SIGKILL');
    const run = await runBuiltDemo(folder, { flags: ['--as-departed'] });
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(run.stdout).toMatch(/continues after [1-9][\d,]+ flights/);
    reference = await computeArrivalReference();
  }, 300_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const output = (file: string) => join(folder, 'output', file);

  it('puts a flight into its hour unless it comes too late for it', () => {
    expectRows(readRows(output(outputFiles.hours)), reference.hours, {
      key: windowKey,
      same: ['flights'],
      close: ['meanDelay'],
    });
  });

  it('writes every flight that has missed its hour to the late file, and no other', () => {
    const lines = readFileSync(output(outputFiles.late), 'utf8').trim().split('\n');
    const late = lines.map((line) => JSON.parse(line) as Row).filter(({ missed }) => missed === operatorIds.hours);
    const text = ({ origin, destination, date, delay }: Row) => `${origin} ${destination} ${date} ${delay}`;
    const expected = reference.late.map((flight) => text({ ...flight, date: new Date(flight.date).toISOString() }));
    expect(expected.length).toBeGreaterThan(100);
    expect(late.map(text).sort()).toEqual(expected.sort());
  });

  it('counts a flight in those of its overlapping windows that are still open', () => {
    const [same, close] = [['windowEnd', 'flights'], ['meanDelay']] as const;
    expectRows(readRows(output(outputFiles.jams)), reference.jams, { key: windowKey, same, close });
  });
});
