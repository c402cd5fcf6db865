/**
 * A buffer of Node as plain bytes, without copying: `slice` of a `Buffer` shares its memory where that of a `Uint8Array`
 * copies, and whoever reads from a store relies on the latter. (lmdb-js shadows `length` on one large shared buffer.)
 */
export function plainBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
