import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchFromRows } from '@sabot/columnar';
import { parquetBytes } from '@sabot/parquet/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packagedData } from '../src/data-files.js';
import { flightSchema } from '../src/flights.js';
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
    expectOneMessage(await runBuiltDemo(state), /state-of-the-demo" is not a folder/);
    expect(readFileSync(state, 'utf8')).toBe('not a folder');
  });

  const readOnly = readOnlyMount();
  it.runIf(readOnly !== undefined)('says that a disk is mounted read-only', async () => {
    const run = await runBuiltDemo(join(readOnly ?? '', 'sabot', 'state'));
    expectOneMessage(run, /cannot write to ".*sabot\/state\/engine": ".+" is mounted read-only/);
    expect(run.stderr).not.toContain('ENOENT');
  });

  it.runIf(existsSync('/proc/self'))('does not wait for ever for a folder that cannot be made', async () => {
    expectOneMessage(await runBuiltDemo('/proc/sabot/state'), /cannot write to ".+": "\/proc" takes no folders/);
  });

  it('names the line of an airports file that is not UTF-8', async () => {
    const file = join(folder, 'airports.csv');
    writeFileSync(file, Buffer.from('iata,city,state\nJFK,New York,NY\nGRU,S\u00e3o Paulo,\n', 'latin1'));
    const run = await runBuiltDemo(state, { flags: ['--airports', file] });
    expectOneMessage(run, /line 3 of .*airports\.csv: it holds bytes that are no UTF-8/);
    expect(existsSync(state)).toBe(false);
  });

  it('goes on in no other file than the one it began with, and names both', async () => {
    const [first, second] = [join(folder, 'first.parquet'), join(folder, 'second.parquet')];
    writeFileSync(first, await flightsFile(20));
    writeFileSync(second, await flightsFile(30));
    expect(await runWith(first)).toMatchObject({ exitCode: 0, stderr: '' });
    expectOneMessage(
      await runWith(second),
      /second\.parquet" \(30 flights.* from ".*first\.parquet" \(20 flights.*--fresh/,
    );
    // The same path, another file.
    writeFileSync(first, await flightsFile(25));
    expectOneMessage(await runWith(first), /first\.parquet" \(25 flights.* from ".*first\.parquet" \(20 flights/);
    const reordered = await runBuiltDemo(state, { flags: ['--flights', second, '--as-departed'] });
    expectOneMessage(reordered, /as they took off/);
    const fresh = await runBuiltDemo(state, { flags: ['--flights', second, '--fresh'] });
    expect(fresh).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringContaining('30 flights') });
  });

  it('says what the job failed of, with its own code, when a page of the file is damaged', async () => {
    const file = join(folder, 'damaged.parquet');
    const bytes = readFileSync(packagedData().flights);
    bytes.fill(0xff, 5_000_000, 5_200_000);
    writeFileSync(file, bytes);
    expectOneMessage(
      await runWith(file),
      /cannot decode row group \d+ of ".*damaged\.parquet".*\[SABOT_PARQUET_CORRUPT\]/,
    );
  }, 60_000);

  it('names an unknown flag and a value out of range, with exit code 2', async () => {
    const unknown = await runBuiltDemo(state, { flags: ['--frsh'] });
    expectOneMessage(unknown, /--frsh/, 2);
    const rate = await runBuiltDemo(state, { flags: ['--sample-rate', '2'] });
    expectOneMessage(rate, /--sample-rate.*"2"/, 2);
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

/** A few flights of one day, all from one airport. */
async function flightsFile(rows: number): Promise<Uint8Array> {
  const flights = Array.from({ length: rows }, (_, row) => ({
    date: Date.UTC(2001, 0, 1, 6, row),
    delay: BigInt(row),
    distance: 100n,
    origin: 'JFK',
    destination: 'BOS',
  }));
  return parquetBytes([batchFromRows(flightSchema, flights)]);
}

/** A folder of this machine's that nobody can write to, not even root. */
function readOnlyMount(): string | undefined {
  if (!existsSync('/proc/self/mounts')) return undefined;
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  const found = mounts.find(([, path = '', , options = '']) => /^ro(,|$)/.test(options) && isFolder(path));
  return found?.[1];
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function expectOneMessage(run: DemoRun, pattern: RegExp, exitCode = 1): void {
  expect(run.stderr).toMatch(pattern);
  expect(run.stderr.trim().split('\n')).toHaveLength(1);
  expect(run.stderr).not.toMatch(/\n\s+at /);
  expect(run.exitCode).toBe(exitCode);
}

function listening(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
