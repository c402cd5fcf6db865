import type { Batch, Schema } from '@sabot/columnar';
import { decodeBatch, encodeBatch } from '@sabot/columnar/ipc';

/** A version byte, the watermark (float64), then per batch the length of its Arrow bytes (uint32) and these. Little-endian. */
const VERSION = 1;

/** The rows that a join keeps, in batches, and the watermark as bytes. */
export function snapshotSides(sides: readonly Batch[], watermarkMs: number): Uint8Array {
  const parts = sides.map((batch) => encodeBatch(batch));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 9));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VERSION);
  view.setFloat64(1, watermarkMs, true);
  let at = 9;
  for (const part of parts) {
    view.setUint32(at, part.length, true);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  }
  return bytes;
}

/** What `snapshotSides` wrote; `schemas` in its order. */
export function restoreSides(
  bytes: Uint8Array,
  schemas: readonly Schema[],
): { readonly watermarkMs: number; readonly batches: readonly Batch[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 9;
  const readSide = (schema: Schema): Batch => {
    const length = view.getUint32(at, true);
    // A copy: Arrow buffers must be aligned, and the rows outlive the snapshot's bytes.
    const batch = decodeBatch(schema, new Uint8Array(bytes.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
    return batch;
  };
  return { watermarkMs: view.getFloat64(1, true), batches: schemas.map(readSide) };
}
