import { describe, expect, it } from 'vitest';
import { renderReport } from '../../src/index.js';
import { measured, resultsOf } from './sample-results.js';

const results = resultsOf([
  measured('sabot', 12_345_678, 2.5),
  measured('loop', 4_938_271, 1),
  { status: 'not-installed', name: 'duckdb', peer: true, requires: '@duckdb/node-api' },
  { status: 'failed', name: 'other', peer: true, reason: 'it broke' },
]);

describe('a report', () => {
  it('lines up cases, contenders and references for a terminal, and says who is missing and why', () => {
    expect(
      renderReport(results, 'console')
        .split('\n')
        .map((line) => line.trimEnd()),
    ).toEqual([
      'stream: events/s, higher is better, against loop',
      'case                     sabot       loop         duckdb   other  Flink ×20',
      'q0 | <all>  12,345,678 (×2.50)  4,938,271  not installed  failed      3,100',
      '',
      'stream q0 | <all>, duckdb: @duckdb/node-api is not installed',
      'stream q0 | <all>, other failed: it broke',
      'a cpu, 2 cores, 8000 MB, linux x64; Node.js v20.19.0',
      '2026-11-22T18:00:00.000Z, medians of 1; rxjs 7.8.2',
      'Command: sabot benchmarks run',
      '',
    ]);
  });

  it('is a Markdown table that pipes in names do not break', () => {
    const lines = renderReport(results, 'markdown').split('\n');
    expect(lines[2]).toBe('| case | sabot | loop | duckdb | other | Flink ×20 |');
    expect(lines[4]).toBe('| q0 \\| <all> | 12,345,678 (×2.50) | 4,938,271 | not installed | failed | 3,100 |');
  });

  it('is a whole HTML page that names cannot break', () => {
    const page = renderReport(results, 'html');
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain('<td>q0 | &lt;all&gt;</td><td>12,345,678 (×2.50)</td>');
    expect(page).not.toContain('<all>');
  });
});
