import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packagedData } from '../src/data-files.js';
import { type DemoRun, runBuiltDemo } from './demo-process.js';

describe('wrong input to the demo', () => {
  let folder: string;
  let state: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sabot-bad-'));
    state = join(folder, 'state-of-the-demo');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const runWith = (flights: string) => runBuiltDemo(state, { flags: ['--flights', flights] });

  it('names a missing Parquet file and writes nothing', async () => {
    const run = await runWith(join(folder, 'nowhere.parquet'));
    expectOneMessage(run, /nowhere\.parquet/);
    expect(existsSync(state)).toBe(false);
  });

  it('says that a truncated Parquet file is truncated and writes nothing', async () => {
    const file = join(folder, 'half.parquet');
    writeFileSync(file, readFileSync(packagedData().flights).subarray(0, 6_000_000));
    expectOneMessage(await runWith(file), /half\.parquet/);
    expect(existsSync(state)).toBe(false);
  });

  it('names the missing columns of a Parquet file of something else', async () => {
    const { writeParquet, Table, WriterPropertiesBuilder } = await import('parquet-wasm/node');
    const { tableFromArrays, tableToIPC } = await import('apache-arrow');
    const table = Table.fromIPCStream(
      tableToIPC(tableFromArrays({ origin: ['JFK'], weight: Int32Array.of(3) }), 'stream'),
    );
    const file = join(folder, 'other.parquet');
    writeFileSync(file, writeParquet(table, new WriterPropertiesBuilder().build()));
    expectOneMessage(await runWith(file), /"date"/);
    expect(existsSync(state)).toBe(false);
  });

  it('names a missing airports file', async () => {
    const run = await runBuiltDemo(state, { flags: ['--airports', join(folder, 'nowhere.csv')] });
    expectOneMessage(run, /nowhere\.csv/);
    expect(existsSync(state)).toBe(false);
  });

  it('names a port that is taken', async () => {
    const server = await listening();
    try {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const run = await runBuiltDemo(state, { flags: ['--prometheus-port', String(port)] });
      expectOneMessage(run, new RegExp(`${port}`));
      expect(existsSync(state)).toBe(false);
    } finally {
      server.close();
    }
  });

  it('names a folder that cannot be written', async () => {
    // A file where the folder should be: refused to root, too.
    writeFileSync(state, 'not a folder');
    expectOneMessage(await runBuiltDemo(state), /state-of-the-demo/);
    expect(readFileSync(state, 'utf8')).toBe('not a folder');
  });

  it('names an unknown flag and a value out of range, with exit code 2', async () => {
    const unknown = await runBuiltDemo(state, { flags: ['--frsh'] });
    expectOneMessage(unknown, /--frsh/);
    expect(unknown.exitCode).toBe(2);
    const rate = await runBuiltDemo(state, { flags: ['--sample-rate', '2'] });
    expectOneMessage(rate, /--sample-rate.*"2"/);
    expect(rate.exitCode).toBe(2);
    expect(existsSync(state)).toBe(false);
  });

  it('refuses a folder that another demo is using', async () => {
    let second: Promise<DemoRun> | undefined;
    const first = await runBuiltDemo(state, {
      onProgress: () => {
        second = runBuiltDemo(state, { flags: ['--fresh'] });
      },
    });
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expectOneMessage((await second) as DemoRun, /process \d+|pid \d+/i);
  }, 120_000);
});

function expectOneMessage(run: DemoRun, pattern: RegExp): void {
  expect(run.stderr).toMatch(pattern);
  expect(run.stderr.trim().split('\n')).toHaveLength(1);
  expect(run.stderr).not.toMatch(/\n\s+at /);
  expect([1, 2]).toContain(run.exitCode);
}

function listening(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
