/** Several byte strings as one: `u32 count · u32 length each · bytes, each at a multiple of 8`. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const head = align(4 + 4 * parts.length);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + align(part.length), head));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, parts.length, true);
  let at = head;
  for (const [index, part] of parts.entries()) {
    view.setUint32(4 + 4 * index, part.length, true);
    bytes.set(part, at);
    at += align(part.length);
  }
  return bytes;
}

/** What `joinBytes` joined; copies, so that every part begins at a multiple of 8 in memory. */
export function splitBytes(bytes: Uint8Array): readonly Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0, true);
  let at = align(4 + 4 * count);
  return Array.from({ length: count }, (_, index) => {
    const length = view.getUint32(4 + 4 * index, true);
    const part = bytes.slice(at, at + length);
    at += align(length);
    return part;
  });
}

function align(length: number): number {
  return (length + 7) & -8;
}
