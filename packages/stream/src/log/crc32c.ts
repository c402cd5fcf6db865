const POLYNOMIAL = 0x82f63b78;

/** Four tables of 256: table k advances a byte that stands k places ahead (slicing by four). */
const tables = buildTables();

/** CRC-32C (Castagnoli) of the bytes, as an unsigned 32-bit number. Source: RFC 3720, appendix B.4. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const [t0, t1, t2, t3] = tables;
  let crc = -1;
  let at = start;
  // for (; at < end; at++) crc = t0[(crc ^ bytes[at]) & 255] ^ (crc >>> 8), four bytes at a time:
  for (; at + 4 <= end; at += 4) {
    const a = (bytes[at] as number) ^ (crc & 255);
    const b = (bytes[at + 1] as number) ^ ((crc >>> 8) & 255);
    const c = (bytes[at + 2] as number) ^ ((crc >>> 16) & 255);
    const d = (bytes[at + 3] as number) ^ (crc >>> 24);
    crc = (t3[a] as number) ^ (t2[b] as number) ^ (t1[c] as number) ^ (t0[d] as number);
  }
  for (; at < end; at++) crc = (t0[((bytes[at] as number) ^ crc) & 255] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function buildTables(): readonly [Int32Array, Int32Array, Int32Array, Int32Array] {
  const first = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (POLYNOMIAL & -(crc & 1));
    first[byte] = crc;
  }
  const next = (previous: Int32Array) => previous.map((crc) => (crc >>> 8) ^ (first[crc & 255] as number));
  const second = next(first);
  const third = next(second);
  return [first, second, third, next(third)];
}
