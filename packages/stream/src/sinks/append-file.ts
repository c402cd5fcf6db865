import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { streamErrors } from '../errors.js';
import { syncFolder } from '../log/sync-folder.js';

/** Bytes gathered before they are written. */
const BUFFER_BYTES = 256 * 1024;

/**
 * A file that only grows, and on opening shrinks back to what was committed: everything behind that was written by an
 * attempt that did not commit.
 */
export class AppendFile {
  private readonly file: FileHandle;
  private written: number;
  private chunks: Uint8Array[] = [];
  private gathered = 0;
  /** The folder of a file that was made here, until its entry is on the disk too. */
  private newIn: string | undefined;

  private constructor(file: FileHandle, length: number, newIn: string | undefined) {
    this.file = file;
    this.written = length;
    this.newIn = newIn;
  }

  /**
   * `committedBytes` undefined: a fresh start, whatever was there is removed.
   * Fails with `SABOT_STREAM_SINK_STATE_MISSING` when the file is shorter than what was committed.
   */
  static async open(path: string, committedBytes: number | undefined): Promise<AppendFile> {
    await mkdir(dirname(path), { recursive: true });
    const file = await openFile(path, committedBytes === undefined);
    try {
      const { size } = await file.stat();
      const length = committedBytes ?? 0;
      if (size < length) throw missing(path, `it has ${size} bytes and ${length} had been committed`);
      if (size > length) await file.truncate(length);
      return new AppendFile(file, length, committedBytes === undefined ? dirname(path) : undefined);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Bytes appended so far, those still gathered included. */
  get length(): number {
    return this.written + this.gathered;
  }

  /** Returns a promise only when bytes go to the file. */
  append(bytes: Uint8Array): void | Promise<void> {
    this.chunks.push(bytes);
    this.gathered += bytes.length;
    return this.gathered >= BUFFER_BYTES ? this.flush() : undefined;
  }

  /** Everything appended is on the disk when it resolves. */
  async sync(): Promise<void> {
    await this.flush();
    await this.file.datasync();
    if (this.newIn === undefined) return;
    await syncFolder(this.newIn);
    this.newIn = undefined;
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private async flush(): Promise<void> {
    const chunks = this.chunks;
    this.chunks = [];
    this.gathered = 0;
    for (const chunk of chunks) await this.write(chunk);
  }

  private async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.file.write(bytes, done, bytes.length - done, this.written);
      done += bytesWritten;
      this.written += bytesWritten;
    }
  }
}

async function openFile(path: string, fresh: boolean): Promise<FileHandle> {
  try {
    return await open(path, fresh ? 'w+' : 'r+');
  } catch (error) {
    if (!fresh && (error as NodeJS.ErrnoException).code === 'ENOENT') throw missing(path, 'it does not exist any more');
    throw streamErrors.error('SINK_FAILED', {
      what: `cannot open "${path}" for writing`,
      why: error instanceof Error ? error.message : String(error),
      remedy: 'Check that the folder is writable.',
      cause: error,
    });
  }
}

function missing(path: string, why: string) {
  return streamErrors.error('SINK_STATE_MISSING', { what: `cannot go on writing "${path}"`, why });
}
