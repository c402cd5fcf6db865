import { isUtf8 } from 'node:buffer';

/** Finds the first byte that is no UTF-8 in a flow of chunks, which may cut a character in two. */
export class Utf8Check {
  /** Counted from the flow's first byte; Infinity while all of it is UTF-8. */
  invalidAt = Number.POSITIVE_INFINITY;
  private offset = 0;
  private unfinished: Buffer = Buffer.alloc(0);

  add(chunk: Buffer): void {
    if (this.invalidAt !== Number.POSITIVE_INFINITY) return;
    const bytes = this.unfinished.length === 0 ? chunk : Buffer.concat([this.unfinished, chunk]);
    const whole = bytes.length - unfinishedBytes(bytes);
    if (!isUtf8(bytes.subarray(0, whole))) {
      this.invalidAt = this.offset + firstInvalid(bytes);
      return;
    }
    this.offset += whole;
    this.unfinished = bytes.subarray(whole);
  }

  /** No byte comes any more: a character that is not whole is none. */
  end(): void {
    if (this.unfinished.length > 0 && this.invalidAt === Number.POSITIVE_INFINITY) this.invalidAt = this.offset;
  }
}

/** How many bytes at the end begin a character that goes on behind it. */
function unfinishedBytes(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < sequenceLength(byte) ? back : 0;
  }
  return 0;
}

function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}

/** By halves: a beginning is good when what is whole in it is UTF-8. */
function firstInvalid(bytes: Buffer): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    const begun = bytes.subarray(0, middle);
    if (isUtf8(begun.subarray(0, middle - unfinishedBytes(begun)))) good = middle;
    else bad = middle;
  }
  return bad - 1;
}
