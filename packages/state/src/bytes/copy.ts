/** Above this, the call that copies memory costs less than a loop. */
const LOOP_BYTES = 48;

/** A copy of the bytes from `start` to `end`; unlike `slice`, also of a `Buffer`, whose `slice` shares its memory. */
export function copyBytes(bytes: Uint8Array, start = 0, end = bytes.length): Uint8Array<ArrayBuffer> {
  const length = end - start;
  const copy = new Uint8Array(length);
  if (length > LOOP_BYTES) copy.set(bytes.subarray(start, end));
  else for (let at = 0; at < length; at++) copy[at] = bytes[start + at] as number;
  return copy;
}
