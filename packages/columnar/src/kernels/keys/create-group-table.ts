import { trustedBatch } from '../../batch/batch-factory.js';
import type { Column } from '../../batch/column.js';
import { decodeBatch, encodeBatch } from '../../ipc/batch-codec.js';
import type { DataType } from '../../schema/data-type.js';
import { defineSchema } from '../../schema/define-schema.js';
import type { Schema } from '../../schema/schema.js';
import type { GroupTable } from '../group-table.js';
import type { ColumnKeys } from './column-keys.js';
import { createColumnKeys } from './create-column-keys.js';
import { interleave } from './decimal-keys.js';
import { BLOCK, blockWords } from './key-block.js';
import { checkKeyTypes } from './key-types.js';
import { type ExpectedKeys, PairTable } from './pair-table.js';

/**
 * An empty table for keys of the given types; lists and structs are refused. What is known of the keys beforehand makes
 * it faster, and nothing else.
 */
export function createGroupTable(keyTypes: readonly DataType[], expected: ExpectedKeys = {}): GroupTable {
  return new KeyedGroups(keyTypes, expected);
}

/**
 * Algorithm: each key column numbers its own values, in a table made for its type; with several columns the pairs of
 * (number so far, number in the next column) are numbered in turn. The last numbers are the groups.
 * State: the distinct values of each column, and 8 bytes and a slot per distinct pair.
 */
class KeyedGroups implements GroupTable {
  readonly keyTypes: readonly DataType[];
  private readonly columns: readonly ColumnKeys[];
  /** `pairs[k]` numbers the pairs of what comes before key column k + 1 and its values. */
  private readonly pairs: readonly PairTable[];
  private readonly schema: Schema;
  private groups = new Int32Array(0);
  private next = new Int32Array(0);
  /** Of a table without key columns, where all rows are one group. */
  private hasRows = false;

  constructor(keyTypes: readonly DataType[], expected: ExpectedKeys) {
    this.keyTypes = keyTypes;
    this.columns = keyTypes.map((type) => createColumnKeys(type, keyTypes.length === 1 ? expected : {}));
    this.pairs = keyTypes.slice(1).map((_, k) => new PairTable(k + 2 === keyTypes.length ? expected : {}));
    this.schema = defineSchema(Object.fromEntries(keyTypes.map((type, i) => [`key${i}`, type])));
  }

  get size(): number {
    if (this.columns.length === 0) return this.hasRows ? 1 : 0;
    return this.pairs.length === 0 ? (this.columns[0] as ColumnKeys).size : (this.pairs.at(-1) as PairTable).size;
  }

  get bytes(): number {
    return (
      this.columns.reduce((sum, keys) => sum + keys.bytes, 0) + this.pairs.reduce((sum, pairs) => sum + pairs.bytes, 0)
    );
  }

  assign(
    columns: readonly Column[],
    numRows: number,
    selection: Int32Array | null = null,
    out?: Int32Array,
  ): Int32Array {
    const count = selection?.length ?? numRows;
    const groups = this.prepare(columns, count, out);
    if (columns.length === 0) {
      this.hasRows ||= count > 0;
      groups.fill(0, 0, count);
    }
    columns.forEach((column, k) => {
      const keys = this.columns[k] as ColumnKeys;
      keys.assign(column, selection, count, k === 0 ? groups : this.next);
      if (k > 0) this.pairUp(k, groups, count, true);
    });
    return groups;
  }

  lookup(
    columns: readonly Column[],
    numRows: number,
    selection: Int32Array | null = null,
    out?: Int32Array,
  ): Int32Array {
    const count = selection?.length ?? numRows;
    const groups = this.prepare(columns, count, out);
    if (columns.length === 0) groups.fill(this.hasRows ? 0 : -1, 0, count);
    columns.forEach((column, k) => {
      const keys = this.columns[k] as ColumnKeys;
      keys.lookup(column, selection, count, k === 0 ? groups : this.next);
      if (k > 0) this.pairUp(k, groups, count, false);
    });
    return groups;
  }

  keys(groups?: Int32Array): Column[] {
    const count = groups?.length ?? this.size;
    const columns: Column[] = [];
    let ids = groups ?? null;
    for (let k = this.columns.length - 1; k > 0; k--) {
      const { words } = this.pairs[k - 1] as PairTable;
      columns.unshift((this.columns[k] as ColumnKeys).toColumn(halvesOf(words, 1, ids, count), count));
      ids = halvesOf(words, 0, ids, count);
    }
    if (this.columns.length > 0) columns.unshift((this.columns[0] as ColumnKeys).toColumn(ids, count));
    return columns;
  }

  // With several columns the kept keys are numbered anew, so that values no key has any more are let go.
  retain(groups: Int32Array): void {
    if (this.columns.length === 1) {
      (this.columns[0] as ColumnKeys).retain(groups);
      return;
    }
    const kept = this.keys(groups);
    this.clear();
    this.assign(kept, groups.length);
  }

  clear(): void {
    for (const keys of this.columns) keys.clear();
    for (const pairs of this.pairs) pairs.clear();
    this.hasRows = false;
  }

  snapshot(): Uint8Array {
    return encodeBatch(trustedBatch(this.schema, this.size, this.keys()));
  }

  restore(bytes: Uint8Array): void {
    const { columns, numRows } = decodeBatch(this.schema, bytes);
    this.clear();
    this.assign(columns, numRows);
  }

  /** Turns the numbers so far and those of column k into the numbers of their pairs. */
  private pairUp(k: number, groups: Int32Array, count: number, isNew: boolean): void {
    const pairs = this.pairs[k - 1] as PairTable;
    for (let start = 0; start < count; start += BLOCK) {
      const rows = Math.min(BLOCK, count - start);
      interleave(groups, this.next, start, rows);
      // No pair holds −1, so what is unknown in one column stays unknown.
      if (isNew) pairs.assign(blockWords, null, rows, groups, start);
      else pairs.find(blockWords, null, rows, groups, start);
    }
  }

  private prepare(columns: readonly Column[], count: number, out: Int32Array | undefined): Int32Array {
    checkKeyTypes(columns, this.keyTypes);
    if (columns.length > 1 && this.next.length < count) this.next = new Int32Array(grownSize(count, this.next));
    if (out === undefined && this.groups.length < count) this.groups = new Int32Array(grownSize(count, this.groups));
    const groups = out ?? this.groups.subarray(0, count);
    return groups;
  }
}

function grownSize(count: number, old: Int32Array): number {
  return Math.max(count, 2 * old.length);
}

/** The first or second numbers of pairs. */
function halvesOf(words: Int32Array, half: 0 | 1, ids: Int32Array | null, count: number): Int32Array {
  const halves = new Int32Array(count);
  for (let i = 0; i < count; i++) halves[i] = words[2 * (ids === null ? i : (ids[i] as number)) + half] as number;
  return halves;
}
