/** Bits of a byte, counted once. */
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => {
  let ones = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) ones++;
  return ones;
});

/** The bytes that hold `bits` bits. */
export function bytesForBits(bits: number): number {
  return (bits + 7) >> 3;
}

/** The bit at a position. */
export function bitAt(bits: Uint8Array, position: number): 0 | 1 {
  return (((bits[position >> 3] as number) >> (position & 7)) & 1) as 0 | 1;
}

/** How many of `length` bits from `start` are set. */
export function countOnes(bits: Uint8Array, start: number, length: number): number {
  let position = start;
  const end = start + length;
  let ones = 0;
  while (position < end && (position & 7) !== 0) ones += bitAt(bits, position++);
  for (; position + 8 <= end; position += 8) ones += ONES[bits[position >> 3] as number] as number;
  while (position < end) ones += bitAt(bits, position++);
  return ones;
}

/** A copy of `length` bits from `start`, beginning at bit 0; the bits after the last are 0. */
export function copyBits(bits: Uint8Array, start: number, length: number): Uint8Array {
  const out = new Uint8Array(bytesForBits(length));
  writeBits(out, 0, bits, start, length);
  return out;
}

/** Copies `length` bits; the target bits must be 0 before. */
export function writeBits(target: Uint8Array, at: number, bits: Uint8Array, start: number, length: number): void {
  let done = 0;
  if ((at & 7) === 0) {
    const shift = start & 7;
    const first = start >> 3;
    const whole = length >> 3;
    for (let byte = 0; byte < whole; byte++) {
      const low = (bits[first + byte] as number) >> shift;
      const high = shift === 0 ? 0 : (bits[first + byte + 1] as number) << (8 - shift);
      target[(at >> 3) + byte] = low | high;
    }
    done = whole << 3;
  }
  for (; done < length; done++) {
    const position = at + done;
    target[position >> 3] = (target[position >> 3] as number) | (bitAt(bits, start + done) << (position & 7));
  }
}

/** Sets `length` bits from `at`; the target bits must be 0 before. */
export function fillBits(target: Uint8Array, at: number, length: number): void {
  for (let position = at; position < at + length; position++) {
    target[position >> 3] = (target[position >> 3] as number) | (1 << (position & 7));
  }
}
