import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, stat, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterErrors } from '../errors.js';
import { livenessOf, ownIdentity, type ProcessIdentity } from './process-identity.js';

export interface FolderLockOptions {
  /** How often the owner touches its file; default 2000 ms. */
  readonly touchEveryMs?: number;
  /** How long a file of another machine or container must stay untouched before its owner counts as dead; default 15000 ms. */
  readonly foreignTimeoutMs?: number;
  /** Called once when the file was removed by somebody else. */
  readonly onLost?: (error: Error) => void;
}

export interface FolderLock {
  /** Removes the file. Idempotent. */
  release(): Promise<void>;
}

/** An owner file found in the folder. */
export interface FolderOwner extends ProcessIdentity {
  readonly file: string;
}

const OWNER_FILE = /^owner-(\d+)-([\w-]+?)-([0-9a-f]{16})-([0-9a-f]{12})$/;
const ATTEMPTS = 5;

/**
 * Makes this process the only owner of a folder, or fails with `SABOT_CLUSTER_ENGINE_LOCKED`.
 *
 * Algorithm: everyone who wants the folder first creates a file that carries its identity in its name, then looks at all
 *   others. A file of a live process means: take the own one back. Files of dead processes are removed.
 * Correctness: of two processes that want it at once, the one whose file came second sees the first one's, so two can
 *   never both stay; both may step back and try again. The name is complete from the moment the file exists, so a process
 *   killed anywhere leaves only a file that names a dead process.
 */
export async function lockFolder(folder: string, options: FolderLockOptions = {}): Promise<FolderLock> {
  for (let attempt = 1; ; attempt++) {
    const file = await announce(folder);
    const rival = await findLiveOwner(folder, file, options).catch(async (error: unknown) => {
      await remove(folder, file);
      throw error;
    });
    if (rival === undefined) return keep(folder, file, options);
    await remove(folder, file);
    if (attempt === ATTEMPTS) throw locked(folder, rival);
    // Two that met at the door try again at different moments.
    await sleep(20 + Math.random() * 60 * attempt);
  }
}

/** The live owner of a folder, without touching anything; owners of other machines count as live while recently touched. */
export async function readFolderOwner(folder: string, foreignTimeoutMs = 15_000): Promise<FolderOwner | undefined> {
  for (const owner of await owners(folder)) {
    const liveness = livenessOf(owner);
    if (liveness === 'alive') return owner;
    if (liveness === 'unknown' && Date.now() - (await touchedAt(folder, owner.file)) < foreignTimeoutMs) return owner;
  }
  return undefined;
}

async function announce(folder: string): Promise<string> {
  const { pid, startedAt, place } = ownIdentity();
  const file = `owner-${pid}-${startedAt}-${place}-${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(folder, { recursive: true });
    const handle = await open(join(folder, file), 'wx');
    await handle.close();
  } catch (cause) {
    throw notWritable(folder, cause);
  }
  return file;
}

async function findLiveOwner(
  folder: string,
  own: string,
  options: FolderLockOptions,
): Promise<FolderOwner | undefined> {
  for (const owner of await owners(folder)) {
    if (owner.file === own) continue;
    if (await isLive(folder, owner, options.foreignTimeoutMs ?? 15_000)) return owner;
    await remove(folder, owner.file);
  }
  return undefined;
}

async function isLive(folder: string, owner: FolderOwner, foreignTimeoutMs: number): Promise<boolean> {
  const liveness = livenessOf(owner);
  if (liveness !== 'unknown') return liveness === 'alive';
  // Clocks of two machines are never compared: only whether the file is touched while this process watches.
  const before = await touchedAt(folder, owner.file);
  for (const started = performance.now(); performance.now() - started < foreignTimeoutMs; ) {
    await sleep(250);
    const now = await touchedAt(folder, owner.file);
    if (now === 0) return false;
    if (now !== before) return true;
  }
  return false;
}

function keep(folder: string, file: string, options: FolderLockOptions): FolderLock {
  const touch = async (): Promise<void> => {
    const now = new Date();
    try {
      await utimes(join(folder, file), now, now);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT' || released) return;
      clearInterval(timer);
      options.onLost?.(lost(folder, cause));
    }
  };
  let released = false;
  const timer = setInterval(() => void touch(), options.touchEveryMs ?? 2000);
  timer.unref();
  return {
    async release() {
      released = true;
      clearInterval(timer);
      await remove(folder, file);
    },
  };
}

async function owners(folder: string): Promise<readonly FolderOwner[]> {
  const found: FolderOwner[] = [];
  for (const file of await readdir(folder)) {
    const [, pid, startedAt, place] = OWNER_FILE.exec(file) ?? [];
    if (pid === undefined || startedAt === undefined || place === undefined) continue;
    found.push({ file, pid: Number(pid), startedAt, place });
  }
  return found;
}

async function touchedAt(folder: string, file: string): Promise<number> {
  return stat(join(folder, file)).then(
    (found) => found.mtimeMs,
    () => 0,
  );
}

async function remove(folder: string, file: string): Promise<void> {
  await unlink(join(folder, file)).catch(() => undefined);
}

function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

function locked(folder: string, owner: FolderOwner): Error {
  const elsewhere = owner.place === ownIdentity().place ? '' : ' on another machine or in another container';
  return clusterErrors.error('ENGINE_LOCKED', {
    what: `cannot open the engine in "${folder}"`,
    why: `process ${owner.pid}${elsewhere} is using it`,
    facts: { pid: owner.pid },
  });
}

function notWritable(folder: string, cause: unknown): Error {
  return clusterErrors.error('ENGINE_NOT_WRITABLE', {
    what: `cannot open the engine in "${folder}"`,
    why: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}

function lost(folder: string, cause: unknown): Error {
  return clusterErrors.error('ENGINE_LOCK_LOST', {
    what: `the engine in "${folder}" is no longer this process's`,
    why: 'its owner file was removed',
    cause,
  });
}
