import type { Batch, Schema } from '@sabot/columnar';
import { decodeBatch, encodeBatch } from '@sabot/columnar/ipc';
import type { JoinSide } from './join-side.js';

type LiveRows = ReturnType<JoinSide['liveRows']>;

/**
 * The live rows of both sides: a version byte, the watermark (float64), then per side the length of its Arrow bytes
 * (uint32), these, and a byte per row that says whether it has had a partner. Little-endian.
 */
const VERSION = 1;

export function snapshotSides(sides: readonly [JoinSide, JoinSide], watermarkMs: number): Uint8Array {
  const parts = sides.map((side) => {
    const { batch, matched } = side.liveRows();
    return { rows: encodeBatch(batch), matched: Uint8Array.from(matched, Number) };
  });
  const length = parts.reduce((sum, part) => sum + 4 + part.rows.length + part.matched.length, 9);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VERSION);
  view.setFloat64(1, watermarkMs, true);
  let at = 9;
  for (const { rows, matched } of parts) {
    view.setUint32(at, rows.length, true);
    bytes.set(rows, at + 4);
    bytes.set(matched, at + 4 + rows.length);
    at += 4 + rows.length + matched.length;
  }
  return bytes;
}

export function restoreSides(
  bytes: Uint8Array,
  schemas: readonly [Schema, Schema],
): { readonly watermarkMs: number; readonly sides: readonly [LiveRows, LiveRows] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 9;
  const readSide = (schema: Schema): LiveRows => {
    const length = view.getUint32(at, true);
    // A copy: Arrow buffers must be aligned, and the rows outlive the snapshot's bytes.
    const batch: Batch = decodeBatch(schema, new Uint8Array(bytes.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
    const matched = Array.from(bytes.subarray(at, at + batch.numRows), (flag) => flag === 1);
    at += batch.numRows;
    return { batch, matched };
  };
  return { watermarkMs: view.getFloat64(1, true), sides: [readSide(schemas[0]), readSide(schemas[1])] };
}
