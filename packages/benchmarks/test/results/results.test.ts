import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  compareResults,
  parseResults,
  readResults,
  regressionsIn,
  renderComparison,
  writeOutput,
} from '../../src/index.js';
import { median, ratioTo } from '../../src/results/statistics.js';
import { measured, resultsOf } from './sample-results.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sabot-results-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('results', () => {
  it('survive being written and read', async () => {
    const results = resultsOf([measured('sabot', 10, 2), { status: 'failed', name: 'x', peer: true, reason: 'why' }]);
    await writeOutput(join(folder, 'a.json'), JSON.stringify(results));
    expect(await readResults(join(folder, 'a.json'))).toEqual(results);
  });

  it('name the field that is not as it should be', async () => {
    const { cases, ...rest } = resultsOf([measured('sabot', 10, 2)]);
    await writeFile(join(folder, 'b.json'), JSON.stringify({ ...rest, cases: [{ ...cases[0], better: 'faster' }] }));
    await expect(readResults(join(folder, 'b.json'))).rejects.toMatchObject({
      code: 'SABOT_BENCHMARKS_RESULTS_INVALID',
      message: expect.stringContaining('cases.0.better'),
    });
    expect(() => parseResults('{', 'text')).toThrow(/it is not JSON/);
    expect(() => parseResults('{"format":"sabot-benchmarks/2"}', 'text')).toThrow(/format/);
  });

  it('say when they cannot be read or written', async () => {
    await expect(readResults(join(folder, 'none.json'))).rejects.toMatchObject({
      code: 'SABOT_BENCHMARKS_RESULTS_UNREADABLE',
    });
    await expect(writeOutput(join(folder, 'no/such/file'), '')).rejects.toMatchObject({
      code: 'SABOT_BENCHMARKS_OUTPUT_NOT_WRITTEN',
    });
  });
});

describe('statistics', () => {
  it('take the middle of odd and the mean of the middle two of even numbers of samples', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 6])).toBe(5.5);
  });

  it('give ratios above 1 to what is better, whichever way that is', () => {
    expect(ratioTo(10, 20, 'higher')).toBe(2);
    expect(ratioTo(10, 20, 'lower')).toBe(0.5);
    expect(ratioTo(0, 20, 'higher')).toBeNull();
  });
});

describe('a comparison', () => {
  const before = resultsOf([measured('sabot', 100, 2), measured('duckdb', 50, 1, true), measured('gone', 1, 1)]);

  it('compares medians on one machine; worse is negative', () => {
    const after = resultsOf([measured('sabot', 80, 2), measured('duckdb', 25, 1, true), measured('new', 1, 1)]);
    const comparison = compareResults(before, after);
    expect(comparison.judgedBy).toBe('medians');
    expect(
      comparison.differences.map(({ contender, changePercent }) => [contender, Math.round(changePercent)]),
    ).toEqual([
      ['sabot', -20],
      ['duckdb', -50],
    ]);
    expect(comparison.onlyInBaseline).toEqual(['stream/q0 | <all>/gone']);
    expect(comparison.onlyInCurrent).toEqual(['stream/q0 | <all>/new']);
  });

  it('fails for ours above the limit, never for a peer', () => {
    const after = resultsOf([measured('sabot', 80, 2), measured('duckdb', 25, 1, true)]);
    const comparison = compareResults(before, after);
    expect(regressionsIn(comparison, 25)).toEqual([]);
    expect(regressionsIn(comparison, 19).map(({ contender }) => contender)).toEqual(['sabot']);
  });

  it('compares ratios where the machines differ', () => {
    const elsewhere = resultsOf([measured('sabot', 10, 1), measured('duckdb', 10, 1, true)]);
    const comparison = compareResults(before, { ...elsewhere, machine: { ...elsewhere.machine, cpu: 'another' } });
    expect(comparison.judgedBy).toBe('ratios');
    expect(comparison.differences[0]).toMatchObject({ contender: 'sabot', changePercent: -50, unit: '×' });
    expect(renderComparison(comparison)).toContain('−50.0 %  stream q0 | <all>, sabot: 2.00 → 1.00 ×');
  });

  it('counts less time as better', () => {
    const time = { unit: 'ms', better: 'lower' as const };
    const [slow, fast] = [resultsOf([measured('sabot', 20, 1)], time), resultsOf([measured('sabot', 10, 1)], time)];
    expect(compareResults(slow, fast).differences[0]?.changePercent).toBe(100);
  });
});
