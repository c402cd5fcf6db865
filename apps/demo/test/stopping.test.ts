import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { outputFiles } from '../src/job-names.js';
import { readRows } from './demo-output.js';
import { runBuiltDemo } from './demo-process.js';

describe('stopping the demo', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sabot-stop-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('ends with the totals of an undisturbed run after being killed in the middle, again and again', async () => {
    let kills = 0;
    for (let attempt = 0; attempt < 4; attempt++) {
      // Killed a little later each time, so that different moments of a checkpoint are hit.
      const run = await runBuiltDemo(folder, {
        onProgress: (child) => setTimeout(() => child.kill('SIGKILL'), 450 * attempt),
      });
      expect(run.stderr).toBe('');
      kills += run.signal === 'SIGKILL' ? 1 : 0;
    }
    expect(kills).toBeGreaterThan(1);
    const last = await runBuiltDemo(folder);
    expect(last).toMatchObject({ exitCode: 0, stderr: '' });
    expect(fingerprint(folder)).toEqual(await undisturbed());
  }, 300_000);

  it('drains on SIGTERM, says what is saved, and goes on from there', async () => {
    const stopped = await runBuiltDemo(folder, { onProgress: (child) => child.kill('SIGTERM') });
    expect(stopped).toMatchObject({ exitCode: 0, stderr: '' });
    expect(stopped.stdout).toMatch(/Stopped after [\d,]+ of 3,000,000 flights; all of it is saved/);
    const before = Number(/Stopped after ([\d,]+) of/.exec(stopped.stdout)?.[1]?.replaceAll(',', ''));
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(3_000_000);
    const resumed = await runBuiltDemo(folder);
    expect(resumed.stdout).toContain(`continues after ${before.toLocaleString('en-US')} flights`);
    expect(fingerprint(folder)).toEqual(await undisturbed());
  }, 300_000);

  it('goes on with one thread where two have been killed, to the same results', async () => {
    const killed = await runBuiltDemo(folder, {
      flags: ['--parallelism', '2'],
      progressAt: /checkpoint [3-9]/,
      onProgress: (child) => child.kill('SIGKILL'),
    });
    expect(killed).toMatchObject({ signal: 'SIGKILL', stderr: '' });
    const last = await runBuiltDemo(folder, { flags: ['--parallelism', '1'] });
    expect(last).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringContaining('It continues after') });
    expect(fingerprint(folder)).toEqual(await undisturbed());
  }, 300_000);

  it('reads nothing again once it has finished, and starts over with --fresh', async () => {
    await runBuiltDemo(folder);
    const before = fingerprint(folder);
    const again = await runBuiltDemo(folder);
    expect(again.stdout).toContain('An earlier run has already processed all 3,000,000 flights');
    const fresh = await runBuiltDemo(folder, { flags: ['--fresh'] });
    expect(fresh.stdout).toContain('3,000,000 of them read in this run');
    expect(fingerprint(folder)).toEqual(before);
  }, 300_000);
});

let undisturbedRun: Promise<unknown> | undefined;

function undisturbed(): Promise<unknown> {
  undisturbedRun ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sabot-whole-'));
    await runBuiltDemo(folder);
    const print = fingerprint(folder);
    rmSync(folder, { recursive: true, force: true });
    return print;
  })();
  return undisturbedRun;
}

/** Count and hash of every row of every output, independent of how rows were cut into batches. */
function fingerprint(folder: string): unknown {
  const rowsOf = (file: string) => readRows(join(folder, 'output', file)).map((row) => Object.values(row).join('|'));
  const alerts = readFileSync(join(folder, 'output', outputFiles.alerts), 'utf8')
    .trim()
    .split('\n');
  return {
    hours: digest(rowsOf(outputFiles.hours)),
    jams: digest(rowsOf(outputFiles.jams)),
    bursts: digest(rowsOf(outputFiles.bursts)),
    statistics: digest(rowsOf(outputFiles.statistics)),
    alerts: digest(alerts),
  };
}

function digest(rows: readonly string[]): { readonly rows: number; readonly sha256: string } {
  return { rows: rows.length, sha256: createHash('sha256').update(rows.toSorted().join('\n')).digest('hex') };
}
