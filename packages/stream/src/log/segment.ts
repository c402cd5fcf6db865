import type { FileHandle } from 'node:fs/promises';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { streamErrors } from '../errors.js';
import type { LogMessage } from '../ports/log.js';
import { decodeFrame, type FrameExtent, frameAt, frameLengthAt } from './frame.js';

const SUFFIX = '.segment';

/** The file name of the segment whose first message has this sequence; names sort as sequences do. */
export function segmentName(firstSequence: number): string {
  return `${String(firstSequence).padStart(16, '0')}${SUFFIX}`;
}

/** The first sequence that a file name stands for, or undefined when it is no segment. */
export function sequenceOfSegment(name: string): number | undefined {
  return /^\d{16}\.segment$/.test(name) ? Number(name.slice(0, 16)) : undefined;
}

/** One file of a topic: frames one after another, with their places kept in memory. */
export class Segment {
  readonly firstSequence: number;
  private readonly path: string;
  private readonly file: FileHandle;
  private readonly frames: FrameExtent[];
  private size: number;

  private constructor(path: string, firstSequence: number, file: FileHandle, frames: FrameExtent[]) {
    this.path = path;
    this.firstSequence = firstSequence;
    this.file = file;
    this.frames = frames;
    this.size = endOf(frames);
  }

  static async create(directory: string, firstSequence: number): Promise<Segment> {
    const path = join(directory, segmentName(firstSequence));
    return new Segment(path, firstSequence, await open(path, 'wx+'), []);
  }

  /**
   * Opens and checks every frame. `isLast`: an incomplete frame at the end is an append that was never acknowledged
   * and is cut off; anywhere else it is damage, and refused.
   */
  static async load(directory: string, firstSequence: number, isLast: boolean, readOnly: boolean): Promise<Segment> {
    const path = join(directory, segmentName(firstSequence));
    const file = await open(path, readOnly ? 'r' : 'r+');
    try {
      const bytes = await file.readFile();
      const frames = scan(bytes, firstSequence);
      const end = endOf(frames);
      if (end < bytes.length) {
        if (!isLast || isFollowedByFrame(bytes, end)) throw corrupt(path, end);
        if (!readOnly) await cutOff(file, end);
      }
      return new Segment(path, firstSequence, file, frames);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get nextSequence(): number {
    const last = this.frames.at(-1);
    return last === undefined ? this.firstSequence : last.firstSequence + last.count;
  }

  get bytes(): number {
    return this.size;
  }

  /** Writes one encoded frame behind the last; a failed write leaves nothing that counts. */
  async append(frame: Uint8Array, firstSequence: number, count: number, durable: boolean): Promise<void> {
    await writeFully(this.file, frame, this.size);
    if (durable) await this.file.datasync();
    this.frames.push({ offset: this.size, bytes: frame.length, firstSequence, count });
    this.size += frame.length;
  }

  /** Up to `limit` messages from `from`, which must not lie before this segment. */
  async read(from: number, limit: number): Promise<LogMessage[]> {
    const messages: LogMessage[] = [];
    for (let index = this.frameIndexOf(from); index < this.frames.length && messages.length < limit; index++) {
      const extent = this.frames[index] as FrameExtent;
      const bytes = new Uint8Array(extent.bytes);
      await this.file.read(bytes, 0, bytes.length, extent.offset);
      if (frameAt(bytes, 0) === undefined) throw corrupt(this.path, extent.offset);
      for (const message of decodeFrame(bytes, { ...extent, offset: 0 })) {
        if (message.sequence >= from && messages.length < limit) messages.push(message);
      }
    }
    return messages;
  }

  /** Index of the frame that holds the sequence, or of the first one behind it. */
  private frameIndexOf(sequence: number): number {
    let low = 0;
    let high = this.frames.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const frame = this.frames[middle] as FrameExtent;
      if (frame.firstSequence + frame.count <= sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  async remove(): Promise<void> {
    await this.file.close();
    await rm(this.path, { force: true });
  }
}

function scan(bytes: Uint8Array, firstSequence: number): FrameExtent[] {
  const frames: FrameExtent[] = [];
  let expected = firstSequence;
  for (let at = 0; ; at = endOf(frames)) {
    const frame = frameAt(bytes, at);
    if (frame === undefined || frame.firstSequence !== expected) return frames;
    frames.push(frame);
    expected += frame.count;
  }
}

/** Whether a whole frame follows the broken one: then the broken one had been acknowledged, and this is damage. */
function isFollowedByFrame(bytes: Uint8Array, offset: number): boolean {
  const length = frameLengthAt(bytes, offset);
  return length !== undefined && frameAt(bytes, offset + length) !== undefined;
}

async function cutOff(file: FileHandle, end: number): Promise<void> {
  await file.truncate(end);
  await file.datasync();
}

function endOf(frames: readonly FrameExtent[]): number {
  const last = frames.at(-1);
  return last === undefined ? 0 : last.offset + last.bytes;
}

async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const result = await file.write(bytes, written, bytes.length - written, position + written);
    written += result.bytesWritten;
  }
}

function corrupt(path: string, offset: number) {
  return streamErrors.error('LOG_CORRUPT', {
    what: `cannot read segment "${path}"`,
    why: `the frame at byte ${offset} does not match its checksum`,
    facts: { offset },
  });
}
