import { trustedBatch } from '../batch/batch-factory.js';
import type { Column } from '../batch/column.js';
import { errors } from '../errors.js';
import { decodeBatch, encodeBatch } from '../ipc/batch-codec.js';
import type { DataType } from '../schema/data-type.js';
import { defineSchema, describeType, sameTypeIgnoringNulls } from '../schema/define-schema.js';
import type { Schema } from '../schema/schema.js';
import type { GroupTable } from './group-table.js';
import { hashColumns } from './hash.js';
import { createValueSlots, type ValueSlots } from './slots/value-slots.js';

/** An empty table for keys of the given types; lists and structs are refused. */
export function createGroupTable(keyTypes: readonly DataType[]): GroupTable {
  return new OpenGroupTable(keyTypes);
}

const EMPTY = -1;
const INITIAL_SLOTS = 64;

/**
 * Algorithm: open addressing with linear probing over 32-bit hashes, one batch at a time: first every row finds the
 * group with its hash (or opens one), then each key column compares all rows with their groups in one typed loop. The
 * few rows whose hash met a different key are placed one by one.
 */
class OpenGroupTable implements GroupTable {
  readonly keyTypes: readonly DataType[];
  size = 0;
  private slots = new Int32Array(INITIAL_SLOTS).fill(EMPTY);
  private groupHashes = new Uint32Array(INITIAL_SLOTS / 2);
  private stores: readonly ValueSlots[];
  private readonly schema: Schema;
  private hashes = new Uint32Array(0);
  private groups = new Int32Array(0);
  private opened = new Int32Array(0);
  private wrong = new Int32Array(0);

  constructor(keyTypes: readonly DataType[]) {
    this.keyTypes = keyTypes;
    this.stores = this.emptyStores();
    this.schema = defineSchema(Object.fromEntries(keyTypes.map((type, i) => [`key${i}`, type])));
  }

  get bytes(): number {
    const tables = this.slots.byteLength + this.groupHashes.byteLength;
    return this.stores.reduce((sum, store) => sum + store.bytes, tables);
  }

  assign(
    columns: readonly Column[],
    numRows: number,
    selection: Int32Array | null = null,
    out?: Int32Array,
  ): Int32Array {
    const { count, groups } = this.prepare(columns, numRows, selection, out);
    const openedCount = this.findOrOpen(count, selection, groups);
    this.appendKeys(columns, openedCount);
    const placeAgain = this.findMismatches(columns, selection, groups, count);
    for (let k = 0; k < placeAgain; k++) {
      const i = this.wrong[k] as number;
      const row = selection === null ? i : (selection[i] as number);
      const found = this.findExact(columns, row);
      groups[i] = found === EMPTY ? this.open(columns, row) : found;
    }
    return groups;
  }

  lookup(
    columns: readonly Column[],
    numRows: number,
    selection: Int32Array | null = null,
    out?: Int32Array,
  ): Int32Array {
    const { count, groups } = this.prepare(columns, numRows, selection, out);
    const rows = new Int32Array(count);
    const candidates = new Int32Array(count);
    const matched = this.findByHash(count, selection, groups, rows, candidates);
    // As in assign: one typed loop per key column, then the few rows whose hash met another key.
    const wrong = this.findMismatches(columns, rows, candidates, matched);
    if (wrong === 0) return groups;
    const corrected = new Map<number, number>();
    for (let k = 0; k < wrong; k++) {
      const row = rows[this.wrong[k] as number] as number;
      corrected.set(row, this.findExact(columns, row));
    }
    for (let i = 0; i < count; i++) {
      const exact = corrected.get(selection === null ? i : (selection[i] as number));
      if (exact !== undefined) groups[i] = exact;
    }
    return groups;
  }

  keys(groups?: Int32Array): Column[] {
    const count = groups?.length ?? this.size;
    return this.stores.map((store) => store.toColumn(groups ?? null, count));
  }

  retain(groups: Int32Array): void {
    this.groupHashes = Uint32Array.from(groups, (group) => this.groupHashes[group] as number);
    for (const store of this.stores) store.retain(groups);
    this.size = groups.length;
    this.rebuild(slotsFor(this.size));
  }

  clear(): void {
    this.size = 0;
    this.slots = new Int32Array(INITIAL_SLOTS).fill(EMPTY);
    this.groupHashes = new Uint32Array(INITIAL_SLOTS / 2);
    this.stores = this.emptyStores();
  }

  snapshot(): Uint8Array {
    return encodeBatch(trustedBatch(this.schema, this.size, this.keys()));
  }

  restore(bytes: Uint8Array): void {
    const batch = decodeBatch(this.schema, bytes);
    this.clear();
    const { columns, numRows } = batch;
    this.groupHashes = new Uint32Array(Math.max(INITIAL_SLOTS / 2, numRows));
    hashColumns(columns, numRows, this.groupHashes);
    this.stores.forEach((store, k) => {
      store.reserve(numRows);
      for (let row = 0; row < numRows; row++) store.set(row, columns[k] as Column, row);
    });
    this.size = numRows;
    this.rebuild(slotsFor(numRows));
  }

  private emptyStores(): ValueSlots[] {
    return this.keyTypes.map((type) => createValueSlots(type, 'a grouping key'));
  }

  private prepare(
    columns: readonly Column[],
    numRows: number,
    selection: Int32Array | null,
    out: Int32Array | undefined,
  ): { count: number; groups: Int32Array } {
    this.checkKeys(columns);
    const count = selection?.length ?? numRows;
    if (this.hashes.length < numRows) this.hashes = new Uint32Array(Math.max(numRows, 2 * this.hashes.length));
    if (this.opened.length < count) {
      this.opened = new Int32Array(Math.max(count, 2 * this.opened.length));
      // Two runs of positions are united in it.
      this.wrong = new Int32Array(2 * this.opened.length);
    }
    if (out === undefined && this.groups.length < count) this.groups = new Int32Array(this.opened.length);
    hashColumns(columns, numRows, this.hashes);
    return { count, groups: out ?? this.groups.subarray(0, count) };
  }

  private checkKeys(columns: readonly Column[]): void {
    const fits =
      columns.length === this.keyTypes.length &&
      columns.every((column, i) => areSameKeys(column.type, this.keyTypes[i] as DataType));
    if (fits) return;
    throw errors.error('SCHEMA_MISMATCH', {
      what: `cannot group by (${columns.map((column) => describeType(column.type)).join(', ')})`,
      why: `the table's keys are (${this.keyTypes.map(describeType).join(', ')})`,
    });
  }

  /** Gives every row the group that has its hash or −1; collects the rows that got one, and returns how many. */
  private findByHash(
    count: number,
    selection: Int32Array | null,
    groups: Int32Array,
    rows: Int32Array,
    candidates: Int32Array,
  ): number {
    const { hashes, slots, groupHashes } = this;
    const mask = slots.length - 1;
    let matched = 0;
    for (let i = 0; i < count; i++) {
      const row = selection === null ? i : (selection[i] as number);
      const hash = hashes[row] as number;
      let slot = hash & mask;
      let group = slots[slot] as number;
      while (group !== EMPTY && groupHashes[group] !== hash) {
        slot = (slot + 1) & mask;
        group = slots[slot] as number;
      }
      groups[i] = group;
      if (group === EMPTY) continue;
      rows[matched] = row;
      candidates[matched++] = group;
    }
    return matched;
  }

  /** Gives every row the group that has its hash, opening groups; returns how many rows opened one. */
  private findOrOpen(count: number, selection: Int32Array | null, groups: Int32Array): number {
    const { hashes, opened } = this;
    let openedCount = 0;
    let { slots, groupHashes } = this;
    let mask = slots.length - 1;
    for (let i = 0; i < count; i++) {
      const row = selection === null ? i : (selection[i] as number);
      const hash = hashes[row] as number;
      let slot = hash & mask;
      let group = slots[slot] as number;
      while (group !== EMPTY && groupHashes[group] !== hash) {
        slot = (slot + 1) & mask;
        group = slots[slot] as number;
      }
      if (group === EMPTY) {
        group = this.take(slot, hash);
        opened[openedCount++] = row;
        ({ slots, groupHashes } = this);
        mask = slots.length - 1;
      }
      groups[i] = group;
    }
    return openedCount;
  }

  /** Opens the next group in a free slot; grows when half full. */
  private take(slot: number, hash: number): number {
    const group = this.size++;
    this.slots[slot] = group;
    if (group === this.groupHashes.length) {
      const grown = new Uint32Array(group * 2);
      grown.set(this.groupHashes);
      this.groupHashes = grown;
    }
    this.groupHashes[group] = hash;
    if (this.size * 2 > this.slots.length) this.rebuild(this.slots.length * 4);
    return group;
  }

  private rebuild(numSlots: number): void {
    const slots = new Int32Array(numSlots).fill(EMPTY);
    const mask = numSlots - 1;
    if (this.groupHashes.length < numSlots / 2) {
      const grown = new Uint32Array(numSlots / 2);
      grown.set(this.groupHashes);
      this.groupHashes = grown;
    }
    for (let group = 0; group < this.size; group++) {
      let slot = (this.groupHashes[group] as number) & mask;
      while (slots[slot] !== EMPTY) slot = (slot + 1) & mask;
      slots[slot] = group;
    }
    this.slots = slots;
  }

  private appendKeys(columns: readonly Column[], openedCount: number): void {
    const first = this.size - openedCount;
    this.stores.forEach((store, k) => {
      const column = columns[k] as Column;
      store.reserve(this.size);
      for (let i = 0; i < openedCount; i++) store.set(first + i, column, this.opened[i] as number);
    });
  }

  /** Positions of rows whose group has their hash but another key, without repetition. */
  private findMismatches(
    columns: readonly Column[],
    rows: Int32Array | null,
    groups: Int32Array,
    count: number,
  ): number {
    let total = 0;
    this.stores.forEach((store, k) => {
      const rest = this.wrong.subarray(total);
      // Only the first differing column counts, and collisions are rare: a later column sees the rows again.
      const found = store.mismatches(groups, columns[k] as Column, rows, count, total === 0 ? this.wrong : rest);
      total = total === 0 ? found : mergePositions(this.wrong, total, found);
    });
    return total;
  }

  private findExact(columns: readonly Column[], row: number): number {
    const hash = this.hashes[row] as number;
    const mask = this.slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const group = this.slots[slot] as number;
      if (group === EMPTY || (this.groupHashes[group] === hash && this.holds(columns, row, group))) return group;
    }
  }

  private holds(columns: readonly Column[], row: number, group: number): boolean {
    for (let k = 0; k < this.stores.length; k++) {
      if (!(this.stores[k] as ValueSlots).equals(group, columns[k] as Column, row)) return false;
    }
    return true;
  }

  private open(columns: readonly Column[], row: number): number {
    const hash = this.hashes[row] as number;
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    while (this.slots[slot] !== EMPTY) slot = (slot + 1) & mask;
    const group = this.take(slot, hash);
    this.stores.forEach((store, k) => {
      store.reserve(this.size);
      store.set(group, columns[k] as Column, row);
    });
    return group;
  }
}

/** Strings are the same keys whether they are encoded or not. */
function areSameKeys(a: DataType, b: DataType): boolean {
  const isText = (type: DataType): boolean => type.kind === 'utf8' || type.kind === 'dictionary';
  return (isText(a) && isText(b)) || sameTypeIgnoringNulls(a, b);
}

/** A power of two that keeps the table at most half full. */
function slotsFor(groups: number): number {
  let slots = INITIAL_SLOTS;
  while (slots < groups * 2 + 2) slots *= 2;
  return slots;
}

/** Unites two ascending runs, `[0, first)` and `[first, first + second)`, in place; returns the length. */
function mergePositions(positions: Int32Array, first: number, second: number): number {
  if (second === 0) return first;
  const united = [...new Set(positions.subarray(0, first + second))].sort((a, b) => a - b);
  positions.set(united);
  return united.length;
}
