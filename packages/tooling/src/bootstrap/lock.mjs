import { createHash } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../workspace/workspace.mjs';

const POLL_MS = 100;

/** Outside node_modules, which an installation may replace. */
const lockPath = join(tmpdir(), `sabot-${createHash('sha256').update(root).digest('hex').slice(0, 16)}.lock`);

/**
 * Runs one piece of work at a time among the processes that share this workspace: two demos started together must not
 * both install, or clean what the other one builds. The lock of a process that died is taken over.
 *
 * @template T
 * @param {() => Promise<T>} work
 * @param {string} [path] of the lock
 * @returns {Promise<T>}
 */
export async function withLock(work, path = lockPath) {
  await acquire(path);
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** @param {string} path */
async function acquire(path) {
  let told = false;
  while (!tryToCreate(path)) {
    const owner = ownerOf(path);
    if (owner === undefined) continue; // gone in between
    if (!isAlive(owner)) takeAway(path, owner);
    else if (!told) {
      console.log(`waiting for process ${owner}, which installs or builds here (if there is none, delete ${path}) …`);
      told = true;
    }
    await sleep(POLL_MS);
  }
}

/** A link appears with its content, or not at all. @param {string} path */
function tryToCreate(path) {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, `${process.pid}`);
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

/** @param {string} path */
function ownerOf(path) {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'; // another user's
  }
}

/**
 * Renames before removing: when somebody else took the lock over in between, it is theirs and goes back.
 *
 * @param {string} path
 * @param {number} deadOwner
 */
function takeAway(path, deadOwner) {
  const away = `${path}.dead-${process.pid}`;
  try {
    renameSync(path, away);
    if (ownerOf(away) !== deadOwner) linkSync(away, path);
  } catch {
    // somebody was faster: the next turn sees what is there now
  } finally {
    rmSync(away, { force: true });
  }
}
