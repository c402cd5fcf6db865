import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateErrors } from '../errors.js';
import { errorCodeOf } from '../snapshot/storage-failure.js';

const LOCK_FILE = 'owner.lock';

/** Locks held by this process; two copies of this package share them. */
const held = heldLocks();

interface Owner {
  readonly pid: number;
  /** What tells this process from a later one with the same number; empty where the system does not say. */
  readonly started: string;
}

/**
 * Takes a folder for this process alone; returns the function that gives it back. A lock left by a process that is gone
 * is taken over. Fails with `STORE_LOCKED`.
 *
 * The lock keeps two processes from opening one store by mistake. What keeps a deposed owner from committing is the
 * fence of the commit register.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, LOCK_FILE);
  const own = join(folder, `.${LOCK_FILE}-${randomUUID()}`);
  writeFileSync(own, JSON.stringify({ pid: process.pid, started: startOf(process.pid) } satisfies Owner), {
    flag: 'wx',
  });
  try {
    while (!placed(own, path)) removeStale(folder, path, own);
  } finally {
    rmSync(own, { force: true });
  }
  held.add(path);
  return () => {
    if (held.delete(path)) rmSync(path, { force: true });
  };
}

function placed(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (errorCodeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function removeStale(folder: string, path: string, own: string): void {
  const owner = ownerOf(path);
  if (owner !== undefined && isAlive(owner, path)) throw locked(folder, owner);
  // Renamed first: of two that find the same stale lock, the later one may have caught the new lock of the earlier one.
  const caught = `${own}-caught`;
  try {
    renameSync(path, caught);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return;
    throw error;
  }
  const taken = ownerOf(caught);
  const alive = taken !== undefined && isAlive(taken, path);
  if (alive) placed(caught, path);
  rmSync(caught, { force: true });
  if (alive) throw locked(folder, taken);
}

/** Undefined: unreadable or not written whole, so nobody's. */
function ownerOf(path: string): Owner | undefined {
  try {
    const owner: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof owner !== 'object' || owner === null || !('pid' in owner) || typeof owner.pid !== 'number')
      return undefined;
    return { pid: owner.pid, started: 'started' in owner ? String(owner.started) : '' };
  } catch {
    return undefined;
  }
}

function isAlive(owner: Owner, path: string): boolean {
  // A restarted container often has the number of the one before it.
  if (owner.pid === process.pid) return held.has(path);
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (errorCodeOf(error) === 'ESRCH') return false;
  }
  return owner.started === '' || owner.started === startOf(owner.pid);
}

/** The start time of a process in ticks since boot, on Linux (field 22 of `/proc/<pid>/stat`). */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function locked(folder: string, owner: Owner) {
  const who = owner.pid === process.pid ? 'this process has it open already' : `process ${owner.pid} has it open`;
  return stateErrors.error('STORE_LOCKED', { what: `cannot open the state folder "${folder}"`, why: who });
}

function heldLocks(): Set<string> {
  const symbol = Symbol.for('sabot.state.locks');
  const registry = globalThis as { [symbol]?: Set<string> };
  registry[symbol] ??= new Set();
  return registry[symbol];
}
