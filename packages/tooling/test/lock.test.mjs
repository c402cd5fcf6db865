import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { withLock } from '../src/bootstrap/lock.mjs';
import { capture } from '../src/workspace/process.mjs';

/** @type {string} */
let path;

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'sabot-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  path = join(folder, 'lock');
});

afterEach(() => {
  vi.restoreAllMocks();
});

it('runs one piece of work at a time', async () => {
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  /** @type {string[]} */
  const events = [];
  const work = (/** @type {string} */ name) =>
    withLock(async () => {
      events.push(`${name} begins`);
      await sleep(20);
      events.push(`${name} ends`);
    }, path);
  await Promise.all([work('a'), work('b')]);
  expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

it('holds the lock while it works and gives it back when the work fails', async () => {
  const failing = withLock(async () => {
    expect(readFileSync(path, 'utf8')).toBe(`${process.pid}`);
    throw new RangeError('no');
  }, path);
  await expect(failing).rejects.toThrow('no');
  expect(existsSync(path)).toBe(false);
});

it('takes over the lock of a process that died', async () => {
  const { stdout: deadPid } = await capture(process.execPath, ['-p', 'process.pid']);
  writeFileSync(path, deadPid.trim());
  expect(await withLock(async () => 'done', path)).toBe('done');
  expect(existsSync(path)).toBe(false);
});

it('says for whom it waits', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  writeFileSync(path, `${process.pid}`);
  setTimeout(() => rmSync(path), 150);
  await withLock(async () => undefined, path);
  expect(log.mock.calls).toEqual([[expect.stringContaining(`waiting for process ${process.pid}`)]]);
});
