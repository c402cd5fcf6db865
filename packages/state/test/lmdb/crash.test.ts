import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RestoreOutcome } from '../../src/lmdb/restore.js';
import { openLmdbStateStore } from '../../src/lmdb.js';
import { createLocalSnapshotStore } from '../../src/snapshot/local-snapshot-store.js';
import type { OpenStateStore } from '../../src/store/state-store.js';
import { buildCrashProcess } from './built-process.js';
import { type CrashRecord, contentAfter } from './crash-history.js';

const KILLS = 30;
let root = '';
let program = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sabot-crash-'));
  program = await buildCrashProcess('crash-test');
}, 60_000);
afterAll(() => rm(root, { recursive: true, force: true }));

/** Starts the process, waits until it has said a word, then for the delay, and kills it. */
async function killedAfter(folder: string, order: string, word: string, delayMs: number): Promise<void> {
  const child = spawn(process.execPath, [program, folder, order], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const said = new Promise<void>((resolve) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += String(chunk);
      if (text.includes(word)) resolve();
    });
  });
  await Promise.race([said, exited]);
  await setTimeout(delayMs);
  child.kill('SIGKILL');
  const [, signal] = (await exited) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
}

function recordOf(folder: string): CrashRecord {
  const path = join(folder, 'record.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as CrashRecord) : { epoch: 0, chain: [] };
}

function contentOf(store: OpenStateStore): ReadonlyMap<string, string> {
  return new Map([...store.scan()].map(([key, value]) => [Buffer.from(key).toString(), Buffer.from(value).toString()]));
}

describe('a process that is killed', () => {
  it('leaves LMDB whole, never ahead of the commit record, and restores to it', { timeout: 180_000 }, async () => {
    const folder = join(root, 'right');
    const snapshots = createLocalSnapshotStore(join(folder, 'snapshots'));
    const outcomes = new Map<RestoreOutcome | undefined, number>();
    for (let kill = 1; kill <= KILLS; kill++) {
      const delayMs = (kill * 37) % 90;
      await killedAfter(folder, 'record-first', 'restored', delayMs);
      const record = recordOf(folder);
      await using store = await openLmdbStateStore(join(folder, 'store'));
      const at = `kill ${kill} after ${delayMs} ms, record of epoch ${record.epoch}`;
      expect(store.committedEpoch, at).toBeLessThanOrEqual(record.epoch);
      expect(contentOf(store), at).toEqual(contentAfter(Math.max(0, store.committedEpoch)));
      const chain = record.chain.map(async ({ epoch, name }) => ({ epoch, bytes: await snapshots.get(name) }));
      await store.restore(await Promise.all(chain));
      expect(contentOf(store), at).toEqual(contentAfter(record.epoch));
      outcomes.set(store.lastRestore, (outcomes.get(store.lastRestore) ?? 0) + 1);
    }
    expect(recordOf(folder).epoch).toBeGreaterThan(5);
    expect(outcomes.get('kept')).toBeGreaterThan(0);
  });

  it('is caught when it confirms before it records: the test above can fail', { timeout: 60_000 }, async () => {
    const folder = join(root, 'wrong');
    await killedAfter(folder, 'confirm-first', 'confirmed', 0);
    await using store = await openLmdbStateStore(join(folder, 'store'));
    expect(store.committedEpoch).toBeGreaterThan(recordOf(folder).epoch);
  });
});
