import { readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { type JsonLogsRequest, readLogsRequest, writeLogsRequest } from '../otlp/logs-json.js';
import { type JsonMetricsRequest, readMetricsRequest, writeMetricsRequest } from '../otlp/metrics-json.js';
import type { Resource } from '../otlp/resource.js';
import { type JsonTraceRequest, readTraceRequest, writeTraceRequest } from '../otlp/trace-json.js';
import { isProcessAlive } from '../process/process-alive.js';
import { makeFolder } from '../store/make-folder.js';
import { readSpillFileName, spillFileName } from '../store/spill-files.js';
import { type Chunk, sizeOfChunk } from './sender.js';

/** A chunk that waits on disk. */
export interface SpilledChunk {
  readonly path: string;
  readonly signal: Chunk['signal'];
  readonly count: number;
  readonly bytes: number;
  /** When it was put on disk, epoch milliseconds. */
  readonly sinceMs: number;
}

const folderForm = /^(\d+)-\d+-(\d+)$/;
/** Where numbering begins, so that there is room on both sides. */
const MIDDLE = 500_000_000_000;

/**
 * Chunks that could not be sent, as files of OTLP/JSON in the order they came: one file per chunk, written whole or not at
 * all. What a process left behind when it ended is taken over by the next one that starts.
 */
export class Spill {
  private readonly folder: string;
  private readonly capBytes: number;
  private readonly resource: Resource;
  private waiting: SpilledChunk[] = [];
  private heldBytes = 0;
  private behind = MIDDLE;
  private ahead = MIDDLE;

  constructor(parent: string, resource: Resource, capBytes: number) {
    this.folder = join(parent, `${process.pid}-${threadId}-${Date.now()}`);
    this.resource = resource;
    this.capBytes = capBytes;
    this.adopt(parent);
  }

  /** Oldest first. */
  get chunks(): readonly SpilledChunk[] {
    return this.waiting;
  }

  /** Of all that waits. */
  get bytes(): number {
    return this.heldBytes;
  }

  /** When the first of what waits was put on disk, epoch milliseconds; undefined: nothing waits. */
  get oldestMs(): number | undefined {
    if (this.waiting.length === 0) return undefined;
    return this.waiting.reduce((oldest, { sinceMs }) => Math.min(oldest, sinceMs), Number.POSITIVE_INFINITY);
  }

  count(signal: Chunk['signal']): number {
    return this.waiting.reduce((sum, chunk) => sum + (chunk.signal === signal ? chunk.count : 0), 0);
  }

  /**
   * Puts a chunk behind the others, or ahead of them when it is older; false when the cap is reached. Throws when the disk
   * refuses.
   */
  push(chunk: Chunk, place: 'behind' | 'ahead' = 'behind'): boolean {
    const text = JSON.stringify(this.requestOf(chunk));
    const bytes = Buffer.byteLength(text);
    if (this.heldBytes + bytes > this.capBytes) return false;
    const count = sizeOfChunk(chunk);
    const path = this.pathFor(place === 'ahead' ? --this.ahead : this.behind++, chunk.signal, count);
    makeFolder(this.folder);
    writeFileSync(`${path}.part`, text, { mode: 0o600 });
    renameSync(`${path}.part`, path);
    this.remember({ path, signal: chunk.signal, count, bytes, sinceMs: Date.now() }, place);
    return true;
  }

  /** The oldest chunk, read back; undefined when its file is gone or unreadable, which the caller counts. */
  async read(chunk: SpilledChunk): Promise<Chunk | undefined> {
    try {
      return chunkOf(chunk.signal, JSON.parse(await readFile(chunk.path, 'utf8')));
    } catch {
      return undefined;
    }
  }

  /** Forgets a chunk that was sent or given up. */
  async remove(chunk: SpilledChunk): Promise<void> {
    this.waiting = this.waiting.filter((each) => each !== chunk);
    this.heldBytes -= chunk.bytes;
    await rm(chunk.path, { force: true });
    if (this.waiting.length === 0) await rm(this.folder, { recursive: true, force: true });
  }

  private requestOf(chunk: Chunk): unknown {
    switch (chunk.signal) {
      case 'spans':
        return writeTraceRequest(this.resource, chunk.spans);
      case 'points':
        return writeMetricsRequest(this.resource, chunk.snapshots, 'exponential');
      case 'logs':
        return writeLogsRequest(this.resource, chunk.logs);
    }
  }

  private remember(chunk: SpilledChunk, place: 'behind' | 'ahead' = 'behind'): void {
    if (place === 'ahead') this.waiting.unshift(chunk);
    else this.waiting.push(chunk);
    this.heldBytes += chunk.bytes;
  }

  private pathFor(number: number, signal: Chunk['signal'], count: number): string {
    return join(this.folder, spillFileName(number, signal, count));
  }

  private adopt(parent: string): void {
    for (const name of namesIn(parent).sort(byStart)) {
      const pid = Number(folderForm.exec(name)?.[1] ?? Number.NaN);
      if (Number.isNaN(pid) || pid === process.pid || isProcessAlive(pid)) continue;
      for (const file of namesIn(join(parent, name)).sort()) this.adoptFile(join(parent, name, file), file);
      rmSync(join(parent, name), { recursive: true, force: true });
    }
  }

  private adoptFile(path: string, name: string): void {
    const content = readSpillFileName(name);
    if (content === undefined) return;
    const { signal, count } = content;
    const mine = this.pathFor(this.behind++, signal, count);
    try {
      makeFolder(this.folder);
      renameSync(path, mine);
      const { mtimeMs: sinceMs, size: bytes } = statSync(mine);
      this.remember({ path: mine, signal, count, bytes, sinceMs });
    } catch {
      // Another process that starts at the same time took it.
    }
  }
}

/** `Spill` wrote the request; the name of its file says which of the three it is. */
function chunkOf(signal: Chunk['signal'], request: unknown): Chunk {
  switch (signal) {
    case 'spans':
      return { signal, spans: readTraceRequest(request as JsonTraceRequest) };
    case 'points':
      return { signal, snapshots: readMetricsRequest(request as JsonMetricsRequest) };
    case 'logs':
      return { signal, logs: readLogsRequest(request as JsonLogsRequest) };
  }
}

/** Folders of processes, the one that started first before the others. */
function byStart(left: string, right: string): number {
  return Number(folderForm.exec(left)?.[2] ?? 0) - Number(folderForm.exec(right)?.[2] ?? 0);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
