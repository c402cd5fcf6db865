import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Workbench } from '../run.js';

let bench: Workbench;
beforeEach(async () => {
  bench = await Workbench.create();
});
afterEach(() => bench.remove());

async function store(name: string, medianOfSabot: number): Promise<void> {
  const contender = (who: string, median: number, peer: boolean) => ({
    ...{ status: 'measured', name: who, peer, samples: [median], median, ratio: 1, facts: {}, loadAverage: 0 },
  });
  const results = {
    ...{ format: 'sabot-benchmarks/1', startedAt: '2026-11-22T18:00:00.000Z', durationMs: 1, iterations: 1 },
    ...{ command: 'sabot benchmarks run', node: 'v20.19.0', versions: {} },
    machine: { cpu: 'a cpu', cores: 2, memoryMb: 8000, platform: 'linux', arch: 'x64' },
    cases: [
      {
        ...{ suite: 'stream', name: 'q0', what: 'What.', unit: 'events/s', better: 'higher', baseline: 'sabot' },
        references: {},
        contenders: [contender('sabot', medianOfSabot, false), contender('rxjs', 5, true)],
      },
    ],
  };
  await writeFile(join(bench.folder, name), JSON.stringify(results));
}

describe('sabot benchmarks', () => {
  it('refuses a suite that does not exist as wrong usage, and names those that do', async () => {
    const { code, err } = await bench.run('benchmarks run --suite nothing');
    expect(code).toBe(2);
    expect(err).toMatch(/there is no suite "nothing": the suites are .*stream/);
  });

  it('compares two files and fails above the limit alone', async () => {
    await store('before.json', 100);
    await store('after.json', 80);
    const line = 'benchmarks compare --baseline before.json --current after.json';
    expect(await bench.run(line)).toMatchObject({ code: 0, err: '' });
    expect(await bench.run(`${line} --fail-above 25`)).toMatchObject({ code: 0 });
    const failed = await bench.run(`${line} --fail-above 10`);
    expect(failed.code).toBe(1);
    expect(failed.out).toContain('−20.0 %  stream q0, sabot: 100 → 80.0 events/s');
    expect(failed.err).toContain('1 result is worse by more than 10 %');
    expect((await bench.run(`${line} --fail-above -1`)).code).toBe(2);
  });

  it('prints and writes reports', async () => {
    await store('results.json', 100);
    const printed = await bench.run('benchmarks report --results-file results.json --format markdown');
    expect(printed).toMatchObject({ code: 0, err: '' });
    expect(printed.out).toContain('| q0 | 100 | 5.00 (×1.00) |');
    const written = await bench.run('benchmarks report --results-file results.json --format html --output r.html');
    expect(written).toMatchObject({ code: 0, out: '' });
    expect(await readFile(join(bench.folder, 'r.html'), 'utf8')).toContain('<td>q0</td>');
  });

  it('says which file does not hold results', async () => {
    await writeFile(join(bench.folder, 'wrong.json'), '{}');
    const { code, err } = await bench.run('benchmarks report --results-file wrong.json');
    expect(code).toBe(1);
    expect(err).toContain('wrong.json as benchmark results');
  });
});
