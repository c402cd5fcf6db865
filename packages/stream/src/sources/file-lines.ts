import type { FileHandle } from 'node:fs/promises';

const CHUNK_BYTES = 65_536;
const NEWLINE = 10;

/** A line without its end, and the offset in the file behind it. */
export interface FileLine {
  readonly bytes: Buffer;
  readonly endOffset: number;
}

/** Cuts an open file into lines from an offset on; the last line may lack its newline. */
export class FileLines {
  private readonly file: FileHandle;
  private readOffset: number;
  private lineOffset: number;
  private buffer: Buffer = Buffer.alloc(0);
  private at = 0;
  private ended = false;

  constructor(file: FileHandle, offset: number) {
    this.file = file;
    this.readOffset = offset;
    this.lineOffset = offset;
  }

  /** Undefined at the end. Waits only when the next line has not been read from the disk. */
  next(): FileLine | undefined | Promise<FileLine | undefined> {
    const end = this.buffer.indexOf(NEWLINE, this.at);
    if (end >= 0) return this.line(end, end + 1);
    return this.ended ? this.lastLine() : this.fill();
  }

  private async fill(): Promise<FileLine | undefined> {
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const { bytesRead } = await this.file.read(chunk, 0, CHUNK_BYTES, this.readOffset);
      if (bytesRead === 0) {
        this.ended = true;
        return this.lastLine();
      }
      this.readOffset += bytesRead;
      const searchFrom = this.buffer.length - this.at;
      this.buffer = Buffer.concat([this.buffer.subarray(this.at), chunk.subarray(0, bytesRead)]);
      this.at = 0;
      const end = this.buffer.indexOf(NEWLINE, searchFrom);
      if (end >= 0) return this.line(end, end + 1);
    }
  }

  private lastLine(): FileLine | undefined {
    return this.at === this.buffer.length ? undefined : this.line(this.buffer.length, this.buffer.length);
  }

  private line(end: number, next: number): FileLine {
    const bytes = this.buffer.subarray(this.at, end);
    this.lineOffset += next - this.at;
    this.at = next;
    return { bytes, endOffset: this.lineOffset };
  }
}
