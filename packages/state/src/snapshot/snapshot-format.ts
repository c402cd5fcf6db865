import { createHash } from 'node:crypto';
import { ByteWriter } from '../bytes/byte-writer.js';
import { crc32c } from '../bytes/crc32c.js';
import { stateErrors } from '../errors.js';

/**
 * The binary form of a snapshot, version 1, little-endian:
 *
 * | bytes | what |
 * |---|---|
 * | 4 | magic `SBSS` |
 * | 2 | format version |
 * | 2 | flags: bit 0 = full |
 * | 8 | epoch |
 * | 8 | epoch of the base; 0 when full |
 * | 16 | id of this snapshot |
 * | 16 | id of the base; zeros when full |
 * | 8 | number of entries |
 * | … | entries in key order: varint key length, varint value length + 1 (0: deleted), key, value |
 * | 4 | CRC-32C of everything before |
 *
 * The id is the first 16 bytes of SHA-256 over base id, epoch and entries: the same history gives the same ids, and a
 * store that holds an id knows that it holds that very history.
 */
export const SNAPSHOT_FORMAT_VERSION = 1;

const MAGIC = 0x53534253; // "SBSS"
const HEADER_BYTES = 64;
const TRAILER_BYTES = 4;
const ID_AT = 24;
const COUNT_AT = 56;
const ID_BYTES = 16;

/** What stands before the entries of a snapshot. */
export interface SnapshotHeader {
  readonly epoch: number;
  /** Null: a full snapshot. */
  readonly baseEpoch: number | null;
  /** Identity of the history up to here, 32 hexadecimal digits. */
  readonly id: string;
  /** Identity of the base, 32 hexadecimal digits; zeros for a full snapshot. */
  readonly baseId: string;
  readonly entries: number;
}

export type SnapshotEntry = readonly [key: Uint8Array, value: Uint8Array | null];

/** What the writer of a snapshot knows before the entries. */
export interface SnapshotOrigin {
  readonly epoch: number;
  readonly base: { readonly epoch: number; readonly id: string } | null;
}

export const NO_BASE_ID = '0'.repeat(ID_BYTES * 2);

/** Writes a snapshot; `entries` must be in key order. `sizeHint`: about how many bytes its entries take. */
export function encodeSnapshot(
  origin: SnapshotOrigin,
  entries: Iterable<SnapshotEntry>,
  sizeHint: number,
): { readonly id: string; readonly bytes: Uint8Array<ArrayBuffer> } {
  const writer = new ByteWriter(HEADER_BYTES + sizeHint + TRAILER_BYTES);
  writeHeader(writer, origin);
  let count = 0;
  for (const [key, value] of entries) {
    writer.varint(key.length);
    writer.varint(value === null ? 0 : value.length + 1);
    writer.bytes(key);
    if (value !== null) writer.bytes(value);
    count++;
  }
  const end = writer.length;
  writer.length = COUNT_AT;
  writer.u53(count);
  writer.length = end;
  const id = identify(origin, writer.buffer.subarray(HEADER_BYTES, end));
  writer.buffer.set(Buffer.from(id, 'hex'), ID_AT);
  writer.u32(crc32c(writer.buffer, 0, end));
  return { id, bytes: writer.buffer.subarray(0, writer.length) };
}

function writeHeader(writer: ByteWriter, { epoch, base }: SnapshotOrigin): void {
  writer.u32(MAGIC);
  writer.u16(SNAPSHOT_FORMAT_VERSION);
  writer.u16(base === null ? 1 : 0);
  writer.u53(epoch);
  writer.u53(base?.epoch ?? 0);
  writer.bytes(new Uint8Array(ID_BYTES));
  writer.bytes(Buffer.from(base?.id ?? NO_BASE_ID, 'hex'));
  writer.u53(0);
}

function identify({ epoch, base }: SnapshotOrigin, body: Uint8Array): string {
  const hash = createHash('sha256');
  hash.update(`${base?.id ?? NO_BASE_ID}:${epoch}:`).update(body);
  return hash.digest('hex').slice(0, ID_BYTES * 2);
}

/** The header of a snapshot; fails with `SNAPSHOT_CORRUPT` or `SNAPSHOT_VERSION`. Entries are not verified. */
export function readSnapshotHeader(bytes: Uint8Array): SnapshotHeader {
  if (bytes.length < HEADER_BYTES + TRAILER_BYTES) throw corrupt(`${bytes.length} bytes are less than a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw corrupt('the magic number is missing');
  const version = view.getUint16(4, true);
  if (version !== SNAPSHOT_FORMAT_VERSION) {
    throw stateErrors.error('SNAPSHOT_VERSION', {
      what: 'cannot read a state snapshot',
      why: `it has format version ${version}, this version reads ${SNAPSHOT_FORMAT_VERSION}`,
    });
  }
  const full = (view.getUint16(6, true) & 1) === 1;
  return {
    epoch: readU53(view, 8),
    baseEpoch: full ? null : readU53(view, 16),
    id: hex(bytes, ID_AT),
    baseId: hex(bytes, ID_AT + ID_BYTES),
    entries: readU53(view, COUNT_AT),
  };
}

/** A verified snapshot: header and entries. Keys and values are views of `bytes`. Fails with `SNAPSHOT_CORRUPT`. */
export function decodeSnapshot(bytes: Uint8Array): SnapshotHeader & { readonly content: Iterable<SnapshotEntry> } {
  const header = readSnapshotHeader(bytes);
  const end = bytes.length - TRAILER_BYTES;
  const stored = new DataView(bytes.buffer, bytes.byteOffset + end, TRAILER_BYTES).getUint32(0, true);
  if (crc32c(bytes, 0, end) !== stored) throw corrupt(`the checksum of epoch ${header.epoch} does not match`);
  return { ...header, content: { [Symbol.iterator]: () => entriesOf(bytes, end, header.entries) } };
}

function* entriesOf(bytes: Uint8Array, end: number, count: number): IterableIterator<SnapshotEntry> {
  const cursor: Cursor = { bytes, at: HEADER_BYTES, end };
  for (let entry = 0; entry < count; entry++) {
    const keyLength = readVarint(cursor);
    const tag = readVarint(cursor);
    const key = take(cursor, keyLength);
    yield [key, tag === 0 ? null : take(cursor, tag - 1)];
  }
  if (cursor.at !== end) throw corrupt('bytes follow the last entry');
}

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
}

function readVarint(cursor: Cursor): number {
  let value = 0;
  let scale = 1;
  for (;;) {
    if (cursor.at >= cursor.end) throw corrupt('an entry is cut off');
    const byte = cursor.bytes[cursor.at++] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 0x80;
  }
}

function take(cursor: Cursor, length: number): Uint8Array {
  const from = cursor.at;
  cursor.at += length;
  if (cursor.at > cursor.end) throw corrupt('an entry is cut off');
  return cursor.bytes.subarray(from, cursor.at);
}

function readU53(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 0x1_0000_0000;
}

function hex(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, ID_BYTES).toString('hex');
}

function corrupt(why: string) {
  return stateErrors.error('SNAPSHOT_CORRUPT', { what: 'cannot read a state snapshot', why });
}
