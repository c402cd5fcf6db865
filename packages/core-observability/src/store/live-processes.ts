import { rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { Registration } from '../observability.js';
import { isProcessAlive } from '../process/process-alive.js';
import { makeFolder } from './make-folder.js';

/** A process that records into a store right now. */
export interface LiveProcess {
  readonly pid: number;
  readonly service: string;
  readonly startedAtMs: number;
  /** Where its metrics can be scraped; null when it serves none. */
  readonly prometheusUrl: string | null;
}

const FOLDER = '.live';

/** Says in the store that this process records, until removed; what a killed process left is ignored by readers. */
export function announceProcess(storePath: string, facts: Omit<LiveProcess, 'pid'>): Registration {
  const folder = join(storePath, FOLDER);
  const path = join(folder, `${process.pid}-${threadId}.json`);
  try {
    makeFolder(folder);
    writeFileSync(path, JSON.stringify({ pid: process.pid, ...facts } satisfies LiveProcess), { mode: 0o600 });
  } catch {
    // A store that cannot be written is told by its outlet, with what it loses.
    return { remove: () => undefined };
  }
  return { remove: () => rmSync(path, { force: true }) };
}

/** The processes that record into a store right now, the oldest first. */
export async function liveProcesses(storePath: string): Promise<readonly LiveProcess[]> {
  const folder = join(storePath, FOLDER);
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(names.map((name) => readProcess(join(folder, name))));
  return found
    .filter((each) => each !== undefined && isProcessAlive(each.pid))
    .sort((left, right) => (left?.startedAtMs ?? 0) - (right?.startedAtMs ?? 0)) as readonly LiveProcess[];
}

async function readProcess(path: string): Promise<LiveProcess | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as LiveProcess;
  } catch {
    // Being written, or just removed.
    return undefined;
  }
}
