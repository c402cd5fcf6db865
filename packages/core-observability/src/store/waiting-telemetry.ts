import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Signal } from '../export/delivery-ledger.js';
import { readSpillFileName, spillRoot } from './spill-files.js';

/** What waits on disk for one receiver: a running process delivers it, or the next one that starts with the same store. */
export interface WaitingTelemetry {
  readonly service: string;
  readonly exporter: string;
  readonly items: Readonly<Record<Signal, number>>;
  readonly bytes: number;
  /** When the first of it was put on disk, epoch milliseconds. */
  readonly oldestMs: number;
}

/** What waits in a store, by service and exporter; those with nothing are not listed. */
export async function queryWaiting(storePath: string): Promise<readonly WaitingTelemetry[]> {
  const root = spillRoot(storePath);
  const found: WaitingTelemetry[] = [];
  for (const folder of await namesIn(root)) {
    for (const exporter of await namesIn(join(root, folder))) {
      const waiting = await readExporter(join(root, folder, exporter), decodeURIComponent(folder), exporter);
      if (waiting !== undefined) found.push(waiting);
    }
  }
  return found;
}

async function readExporter(path: string, service: string, exporter: string): Promise<WaitingTelemetry | undefined> {
  const items = { spans: 0, points: 0, logs: 0 };
  let bytes = 0;
  let oldestMs = Number.POSITIVE_INFINITY;
  for (const process of await namesIn(path)) {
    for (const name of await namesIn(join(path, process))) {
      const content = readSpillFileName(name);
      const file = content && (await statOf(join(path, process, name)));
      if (content === undefined || file === undefined) continue;
      items[content.signal] += content.count;
      bytes += file.size;
      oldestMs = Math.min(oldestMs, file.mtimeMs);
    }
  }
  return oldestMs === Number.POSITIVE_INFINITY ? undefined : { service, exporter, items, bytes, oldestMs };
}

/** Sorted; none when the folder does not exist or was removed because all of it was sent. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/** Undefined when it was sent in the meantime. */
async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
