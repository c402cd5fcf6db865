import { clusterErrors } from '../errors.js';
import type { CoordinationEntry } from './engine.js';

/** One message of a table's topic. Its sequence in the log is the revision of what it writes. */
export type TableRecord =
  | { readonly kind: 'put'; readonly key: string; readonly value: string }
  | { readonly kind: 'delete'; readonly key: string }
  /** Everything as it stood before this message: what lies before it is no longer needed. */
  | { readonly kind: 'snapshot'; readonly entries: readonly CoordinationEntry[] };

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** JSON, so that a folder can be read with any tool; the log around it carries length and checksum. */
export function encodeRecord(record: TableRecord): Uint8Array {
  return encoder.encode(JSON.stringify(toRow(record)));
}

function toRow(record: TableRecord): readonly unknown[] {
  switch (record.kind) {
    case 'put':
      return ['p', record.key, record.value];
    case 'delete':
      return ['d', record.key];
    case 'snapshot':
      return ['s', ...record.entries.map((entry) => [entry.key, entry.value, entry.revision])];
  }
}

export function decodeRecord(payload: Uint8Array, sequence: number): TableRecord {
  const row = parseRow(payload, sequence);
  if (row[0] === 'p' && typeof row[1] === 'string' && typeof row[2] === 'string') {
    return { kind: 'put', key: row[1], value: row[2] };
  }
  if (row[0] === 'd' && typeof row[1] === 'string') return { kind: 'delete', key: row[1] };
  if (row[0] === 's') return { kind: 'snapshot', entries: row.slice(1).map((entry) => snapshotEntry(entry, sequence)) };
  throw invalid(sequence, 'it has a form that this version does not know');
}

function parseRow(payload: Uint8Array, sequence: number): readonly unknown[] {
  let row: unknown;
  try {
    row = JSON.parse(decoder.decode(payload));
  } catch (cause) {
    throw invalid(sequence, 'it is not JSON', cause);
  }
  if (!Array.isArray(row)) throw invalid(sequence, 'it is not a list');
  return row;
}

function snapshotEntry(entry: unknown, sequence: number): CoordinationEntry {
  const [key, value, revision] = Array.isArray(entry) ? (entry as readonly unknown[]) : [];
  if (typeof key !== 'string' || typeof value !== 'string' || typeof revision !== 'number') {
    throw invalid(sequence, 'its snapshot holds an entry that this version does not know');
  }
  return { key, value, revision };
}

function invalid(sequence: number, why: string, cause?: unknown): Error {
  return clusterErrors.error('ENGINE_RECORD_INVALID', {
    what: `cannot read record ${sequence} of the engine's table`,
    why,
    cause,
  });
}
