import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { makeFolder } from './make-folder.js';
import { enforceCap, type StoredSignal, segmentName } from './segment-files.js';

export interface SegmentLimits {
  /** A file is closed and a new one begun at this size. Default 8 MiB. */
  readonly segmentBytes: number;
  /** All files of one service together; the oldest are deleted. Default 128 MiB. */
  readonly capBytes: number;
}

interface OpenSegment {
  readonly handle: FileHandle;
  readonly path: string;
  bytes: number;
}

/** Appends lines to the current segment of each signal, begins new ones, and keeps the folder within its cap. */
export class SegmentWriter {
  /** Bytes of old segments deleted to stay within the cap. */
  deletedBytes = 0;
  private readonly folder: string;
  private readonly limits: SegmentLimits;
  private readonly current = new Map<StoredSignal, OpenSegment>();

  constructor(folder: string, limits: SegmentLimits) {
    this.folder = folder;
    this.limits = limits;
  }

  /** Appends one line. What a failed write left of it is taken back, so that the next one can go on in the same file. */
  async append(signal: StoredSignal, line: string): Promise<void> {
    const bytes = Buffer.from(`${line}\n`);
    const segment = await this.segmentFor(signal, bytes.length);
    try {
      await segment.handle.appendFile(bytes);
      segment.bytes += bytes.length;
    } catch (error) {
      await this.takeBack(signal, segment);
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const signal of [...this.current.keys()]) await this.closeSegment(signal);
  }

  private async takeBack(signal: StoredSignal, { handle, bytes, path }: OpenSegment): Promise<void> {
    try {
      await handle.truncate(bytes);
      if (bytes > 0) return;
    } catch {
      // Then its last line is torn, which readers count.
    }
    await this.closeSegment(signal);
    // Without this a full disk would get one more empty file with every attempt.
    if (bytes === 0) await rm(path, { force: true }).catch(() => undefined);
  }

  private async segmentFor(signal: StoredSignal, more: number): Promise<OpenSegment> {
    const open = this.current.get(signal);
    if (open !== undefined && open.bytes + more <= this.limits.segmentBytes) return open;
    await this.closeSegment(signal);
    return await this.openSegment(signal);
  }

  private async openSegment(signal: StoredSignal): Promise<OpenSegment> {
    makeFolder(this.folder);
    const path = join(this.folder, segmentName(signal, Date.now(), threadId));
    const handle = await open(path, 'ax', 0o600);
    const segment: OpenSegment = { handle, path, bytes: 0 };
    this.current.set(signal, segment);
    const keep = new Set([...this.current.values()].map((each) => each.path));
    this.deletedBytes += await enforceCap(this.folder, this.limits.capBytes - this.limits.segmentBytes, keep);
    return segment;
  }

  private async closeSegment(signal: StoredSignal): Promise<void> {
    const segment = this.current.get(signal);
    if (segment === undefined) return;
    this.current.delete(signal);
    await segment.handle.close().catch(() => undefined);
  }
}
