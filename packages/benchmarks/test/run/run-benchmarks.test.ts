import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseResults, runBenchmarks } from '../../src/index.js';
import type { BenchmarkResults, ContenderResult } from '../../src/results/results.js';
import { strangeSuite } from './strange-suite.js';

let folder = '';
let results: BenchmarkResults;
const heard: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sabot-benchmarks-'));
  await build({
    entry: { 'strange-process': fileURLToPath(new URL('strange-process.ts', import.meta.url)) },
    outDir: folder,
    config: false,
    format: 'esm',
    target: 'node20.19',
    outExtension: () => ({ js: '.mjs' }),
    noExternal: [/./],
    silent: true,
    esbuildOptions(options) {
      options.conditions = ['@sabot/source'];
      options.external = ['rxjs', '@duckdb/node-api', 'nodejs-polars', 'arquero', '@opentelemetry/*'];
    },
  });
  results = await runBenchmarks({
    suites: ['strange'],
    iterations: 3,
    own: { load: async () => strangeSuite, program: join(folder, 'strange-process.mjs') },
    onResult: (suite, { name }, result) => heard.push(`${suite}/${name}/${result.name}: ${result.status}`),
  });
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

function resultOf(name: string, contender: string): ContenderResult | undefined {
  return results.cases.find((one) => one.name === name)?.contenders.find((one) => one.name === contender);
}

describe('a run of benchmarks', () => {
  it('throws the warm-up away, keeps every sample, and divides the median by the baseline', () => {
    expect(resultOf('counting', 'rising')).toMatchObject({
      status: 'measured',
      samples: [20, 30, 40],
      median: 30,
      ratio: 3,
      facts: { rssMb: 60 },
    });
    expect(resultOf('counting', 'steady')).toMatchObject({ median: 10, ratio: 1 });
  });

  it('says of a package that is missing that it is not installed', () => {
    expect(resultOf('counting', 'absent')).toEqual({
      status: 'not-installed',
      name: 'absent',
      peer: true,
      requires: 'not-a-package',
    });
  });

  it('measures everybody else when one cannot open, breaks in mid-run, dies, hangs or gives no number', () => {
    const reasons = ['broken', 'tired', 'nan', 'dead', 'hanging'].map((name) => {
      const result = resultOf('counting', name);
      return result?.status === 'failed' ? result.reason : result;
    });
    expect(reasons).toEqual([
      'TypeError: no such table',
      'RangeError: out of breath',
      'it gave NaN, NaN, NaN instead of 3 numbers',
      'its process ended with exit code 3',
      'its process ended with SIGKILL, after at most 3000 ms',
    ]);
  });

  it('takes samples in turns in one process where a case says so', () => {
    const [first, second] = ['first', 'second'].map((name) => resultOf('in turns', name));
    expect(first).toMatchObject({ samples: [1, 3, 5], median: 3, ratio: 1 });
    expect(second).toMatchObject({ samples: [2, 4, 6], median: 4, ratio: 3 / 4 });
    expect(first?.status === 'measured' && first.facts).toEqual(second?.status === 'measured' && second.facts);
    expect(first?.status === 'measured' && first.facts['pid']).not.toBe(process.pid);
  });

  it('tells every result as it comes', () => {
    expect(heard.slice(0, 3)).toEqual([
      'strange/counting/steady: measured',
      'strange/counting/rising: measured',
      'strange/counting/absent: not-installed',
    ]);
    expect(heard).toHaveLength(10);
  });

  it('says where it ran, and can be read again', () => {
    expect(results.machine.cores).toBeGreaterThan(0);
    expect(results.node).toBe(process.version);
    expect(results.versions['@sabot/benchmarks']).toMatch(/^\d+\.\d+\.\d+/);
    expect(parseResults(JSON.stringify(results), 'memory')).toEqual(results);
  });

  it('refuses a number of iterations that is none, and names that do not exist', async () => {
    await expect(runBenchmarks({ iterations: 0 })).rejects.toThrow(/iterations must be/);
    await expect(runBenchmarks({ suites: ['nothing'] })).rejects.toThrow(/there is no suite "nothing"/);
    await expect(runBenchmarks({ suites: ['stream'], cases: ['nothing'] })).rejects.toThrow(
      /there is no case "nothing"/,
    );
  });
});
