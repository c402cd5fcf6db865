import type { Stats } from 'node:fs';
import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

export type StoredSignal = 'traces' | 'metrics' | 'logs';

/** One file of the store: OTLP/JSON lines of one signal, of one process. */
export interface Segment {
  readonly path: string;
  readonly signal: StoredSignal;
  /** When the file was begun, epoch milliseconds. */
  readonly createdMs: number;
  /** When it was last written to, epoch milliseconds. */
  readonly lastWriteMs: number;
  readonly bytes: number;
}

const nameForm = /^(traces|metrics|logs)-(\d{15})-\d+-\d+-\d+\.jsonl$/;
let sequence = 0;

/** A name that sorts by time and that no other process or thread uses. */
export function segmentName(signal: StoredSignal, createdMs: number, threadId: number): string {
  return `${signal}-${String(Math.floor(createdMs)).padStart(15, '0')}-${process.pid}-${threadId}-${sequence++}.jsonl`;
}

/** A service's folder inside the store; names with a dot in front are the store's own. */
export function serviceFolder(storePath: string, serviceName: string): string {
  const safe = encodeURIComponent(serviceName);
  return join(storePath, safe.startsWith('.') ? `_${safe}` : safe);
}

/** The service that a folder of the store belongs to; undefined when it is one of the store's own. */
export function serviceOfFolder(name: string): string | undefined {
  if (name.startsWith('.')) return undefined;
  return decodeURIComponent(name.startsWith('_.') ? name.slice(1) : name);
}

/** The segments of one folder, oldest first; none when the folder does not exist. */
export async function listSegments(folder: string): Promise<readonly Segment[]> {
  const segments: Segment[] = [];
  for (const name of await namesIn(folder)) {
    const match = nameForm.exec(name);
    if (match === null) continue;
    const path = join(folder, name);
    const found = await statOf(path);
    if (found === undefined) continue;
    const { size: bytes, mtimeMs: lastWriteMs } = found;
    segments.push({ path, bytes, lastWriteMs, signal: match[1] as StoredSignal, createdMs: Number(match[2]) });
  }
  return segments.sort((left, right) => left.createdMs - right.createdMs);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Undefined when another process has just removed the file. */
async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch {
    return undefined;
  }
}

/** Deletes the oldest segments until the folder fits `capBytes`; `keep` is never deleted. Gives the bytes freed. */
export async function enforceCap(folder: string, capBytes: number, keep: ReadonlySet<string>): Promise<number> {
  const segments = await listSegments(folder);
  let excess = segments.reduce((sum, { bytes }) => sum + bytes, 0) - capBytes;
  let freed = 0;
  for (const segment of segments) {
    if (excess <= 0) break;
    if (keep.has(segment.path)) continue;
    await unlink(segment.path).catch(() => undefined);
    excess -= segment.bytes;
    freed += segment.bytes;
  }
  return freed;
}
