import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/** How much of the beginning of a file, and of the bytes before a place in it, tells it from another. */
const HEAD_BYTES = 65_536;
const TAIL_BYTES = 4096;

/** Checksums of what a file holds before places in it. */
export interface PrefixChecksum {
  /**
   * Of the first 64 KiB and the last 4 KiB before the offset: a file that has grown since keeps it. Undefined when the
   * file is shorter than that.
   */
  before(offset: number): Promise<number | undefined>;
}

export function createPrefixChecksum(file: FileHandle): PrefixChecksum {
  let wholeHead: number | undefined;
  return {
    async before(offset) {
      if (offset <= HEAD_BYTES) return await crcOf(file, 0, offset, 0);
      wholeHead ??= await crcOf(file, 0, HEAD_BYTES, 0);
      if (wholeHead === undefined) return undefined;
      const from = Math.max(HEAD_BYTES, offset - TAIL_BYTES);
      return await crcOf(file, from, offset - from, wholeHead);
    },
  };
}

async function crcOf(file: FileHandle, from: number, length: number, before: number): Promise<number | undefined> {
  const bytes = Buffer.allocUnsafe(length);
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, from + filled);
    if (bytesRead === 0) return undefined;
    filled += bytesRead;
  }
  return crc32(bytes, before);
}
