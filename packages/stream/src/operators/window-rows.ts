import { type Batch, batchFromRows, type Column, type Fields, type RowOf, rowAt, type Schema } from '@sabot/columnar';
import { decodeBatch, encodeBatch } from '@sabot/columnar/ipc';
import { concatBatches, takeBatch } from '@sabot/columnar/kernels';
import { joinBytes, splitBytes } from './framed-bytes.js';
import type { WindowComputation, WindowFold } from './window-fold.js';

/** Makes rows of all rows of a window, in the order in which these came. */
export type ProcessRows = (rows: readonly RowOf<Fields>[], emit: (row: RowOf<Fields>) => void) => void;

const NONE = -1;
/** Rows of groups that are gone are kept until there are more of them than of others, and so many. */
const MIN_GARBAGE = 4096;

/** All rows of each window and key are kept, and given to a function when the window comes out. */
export function rowsComputation(input: Schema, output: Schema, process: ProcessRows): WindowComputation {
  return { inputSchema: input, outputSchema: output, create: () => new KeptRows(input, output, process) };
}

/** Rows in the batches in which they came; those of a group are a chain of row numbers. */
class KeptRows implements WindowFold {
  numGroups = 0;
  rowsPerGroup = new Int32Array(0);
  private readonly input: Schema;
  private readonly output: Schema;
  private readonly processRows: ProcessRows;
  private batches: Batch[] = [];
  /** By batch: the number of its first row. */
  private bases: number[] = [];
  private numRows = 0;
  private live = 0;
  /** By row: the next of its group. */
  private next: number[] = [];
  /** By group: its first and last row, and how many. */
  private heads: number[] = [];
  private tails: number[] = [];
  private counts: number[] = [];

  constructor(input: Schema, output: Schema, process: ProcessRows) {
    this.input = input;
    this.output = output;
    this.processRows = process;
  }

  /** An estimate: batches are shared with whoever else holds them. */
  get bytes(): number {
    return this.numRows * (8 + 8 * this.input.names.length);
  }

  update(groups: Int32Array, numGroups: number, batch: Batch, selection: Int32Array | null = null): void {
    this.grow(numGroups);
    if (groups.length === 0) return;
    this.bases.push(this.numRows);
    this.batches.push(selection === null ? batch : takeBatch(batch, selection));
    for (let i = 0; i < groups.length; i++) {
      this.next.push(NONE);
      this.append(groups[i] as number, this.numRows + i, this.numRows + i, 1);
    }
    this.numRows += groups.length;
    this.live += groups.length;
  }

  merge(other: WindowFold, mapping: Int32Array, numGroups: number): void {
    this.grow(numGroups);
    // Windows of all rows are never made of panes: only bridged sessions are merged, within one fold.
    const from = other as KeptRows;
    for (let group = 0; group < mapping.length; group++) {
      const target = mapping[group] as number;
      const head = from.heads[group] ?? NONE;
      if (target < 0 || head === NONE) continue;
      this.append(target, head, from.tails[group] as number, from.counts[group] as number);
      this.forget(group);
    }
  }

  finish(groups: Int32Array): readonly Column[] {
    const results: RowOf<Fields>[] = [];
    const counts = new Int32Array(groups.length);
    for (let i = 0; i < groups.length; i++) {
      const before = results.length;
      this.processRows(this.rowsOf(groups[i] as number), (row) => void results.push(row));
      counts[i] = results.length - before;
    }
    this.rowsPerGroup = counts;
    return batchFromRows(this.output, results).columns;
  }

  retain(groups: Int32Array): void {
    const pick = (values: readonly number[]) => Array.from(groups, (group) => values[group] as number);
    this.heads = pick(this.heads);
    this.tails = pick(this.tails);
    this.counts = pick(this.counts);
    this.numGroups = groups.length;
    this.live = this.counts.reduce((sum, count) => sum + count, 0);
    if (this.numRows - this.live > Math.max(MIN_GARBAGE, this.live)) this.compact();
  }

  clear(): void {
    this.batches = [];
    this.bases = [];
    this.next = [];
    this.heads = [];
    this.tails = [];
    this.counts = [];
    this.numGroups = 0;
    this.numRows = 0;
    this.live = 0;
  }

  snapshot(): Uint8Array {
    const groups = this.compact();
    const [batch] = this.batches;
    const rows = batch === undefined ? new Uint8Array(0) : encodeBatch(batch);
    const numGroups = new Uint8Array(Int32Array.of(this.numGroups).buffer);
    return joinBytes([numGroups, new Uint8Array(groups.buffer), rows]);
  }

  restore(bytes: Uint8Array): void {
    const [count, groups, rows] = splitBytes(bytes) as [Uint8Array, Uint8Array, Uint8Array];
    this.clear();
    const numGroups = new Int32Array(count.slice().buffer)[0] as number;
    if (rows.length === 0) this.grow(numGroups);
    else this.update(new Int32Array(groups.slice().buffer), numGroups, decodeBatch(this.input, rows));
  }

  private grow(numGroups: number): void {
    for (; this.numGroups < numGroups; this.numGroups++) {
      this.heads.push(NONE);
      this.tails.push(NONE);
      this.counts.push(0);
    }
  }

  private append(group: number, head: number, tail: number, count: number): void {
    if (this.heads[group] === NONE) this.heads[group] = head;
    else this.next[this.tails[group] as number] = head;
    this.tails[group] = tail;
    this.counts[group] = (this.counts[group] as number) + count;
  }

  private forget(group: number): void {
    this.heads[group] = NONE;
    this.tails[group] = NONE;
    this.counts[group] = 0;
  }

  /** The rows of a group in order of arrival: chains of bridged sessions interleave. */
  private numbersOf(group: number): number[] {
    const numbers: number[] = [];
    for (let row = this.heads[group] ?? NONE; row !== NONE; row = this.next[row] as number) numbers.push(row);
    return numbers.sort((a, b) => a - b);
  }

  private rowsOf(group: number): RowOf<Fields>[] {
    return this.numbersOf(group).map((row) => {
      const at = this.batchOf(row);
      return rowAt(this.batches[at] as Batch, row - (this.bases[at] as number));
    });
  }

  private batchOf(row: number): number {
    let low = 0;
    let high = this.bases.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.bases[middle] as number) <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Puts the rows of all groups into one batch, in order of arrival; returns the group of each. */
  private compact(): Int32Array {
    const groupOf = new Map<number, number>();
    for (let group = 0; group < this.numGroups; group++) {
      for (const row of this.numbersOf(group)) groupOf.set(row, group);
    }
    const rows = Int32Array.from(groupOf.keys()).sort();
    const groups = rows.map((row) => groupOf.get(row) as number);
    const { numGroups } = this;
    const batch = rows.length === 0 ? undefined : takeBatch(concatBatches(this.input, this.batches), rows);
    this.clear();
    this.grow(numGroups);
    if (batch !== undefined) this.update(groups, numGroups, batch);
    return groups;
  }
}
