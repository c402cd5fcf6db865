import type { Column } from '../../batch/column.js';
import { isValid } from '../../batch/make-column.js';
import type { DataType } from '../../schema/data-type.js';
import { layoutOf } from '../../schema/layout.js';
import type { GroupTable } from '../group-table.js';
import { createGroupTable } from './create-group-table.js';
import { BLOCK, blockNulls, blockPairs, blockWords } from './key-block.js';
import { checkKeyTypes } from './key-types.js';
import { placeRows, RankIndex, startsOf } from './rank-index.js';

/** Takes the numbers of the keys of rows `firstRow … firstRow + count − 1`, −1 for unknown or null ones. */
export type TakeNumbers = (numbers: Int32Array, firstRow: number, count: number) => void;

/** The distinct keys of a built side, numbered, with the rows of each. */
export interface NumberedKeys {
  /** Rows whose key is not null. */
  readonly numRows: number;
  readonly bytes: number;
  /** Rows of key n: `rows[starts[n] … starts[n + 1])`; null when key n has the one row `rows[n]`. */
  readonly starts: Int32Array | null;
  /** Null when key n has the one row n. */
  readonly rows: Int32Array | null;
  /** Hands over the numbers of all rows, in order, in one or many parts. */
  find(columns: readonly Column[], numRows: number, take: TakeNumbers): void;
}

/** Keys found through a bitmap of ranks, when there is one key of at most 64 bits in a limited range; else null. */
export function rankedKeys(
  columns: readonly Column[],
  numRows: number,
  selection: Int32Array | null,
): NumberedKeys | null {
  const [column] = columns;
  if (columns.length !== 1 || column === undefined || !hasPairs(column)) return null;
  const count = selection?.length ?? numRows;
  const index = RankIndex.of(pairsOf(column, numRows), selection, count);
  return index === null ? null : new RankedKeys(index, count, column.type);
}

class RankedKeys implements NumberedKeys {
  readonly numRows: number;
  private readonly index: RankIndex;
  private readonly type: DataType;
  private readonly numbers = new Int32Array(BLOCK);

  constructor(index: RankIndex, numRows: number, type: DataType) {
    this.index = index;
    this.type = type;
    this.numRows = numRows;
  }

  get bytes(): number {
    return this.index.bytes;
  }

  get starts(): Int32Array | null {
    return this.index.starts;
  }

  get rows(): Int32Array {
    return this.index.rows;
  }

  find(columns: readonly Column[], numRows: number, take: TakeNumbers): void {
    checkKeyTypes(columns, [this.type]);
    const column = columns[0] as Column;
    const { numbers } = this;
    const whole = isWide(column) ? (column.values as Int32Array) : null;
    for (let start = 0; start < numRows; start += BLOCK) {
      const count = Math.min(BLOCK, numRows - start);
      if (whole !== null) this.index.find(whole, start, count, numbers);
      else {
        blockPairs(column, null, start, start + count);
        this.index.find(blockWords, 0, count, numbers);
      }
      const nulls = blockNulls(column, null, start, start + count);
      if (nulls !== null) for (let i = 0; i < count; i++) if (nulls[i] === 1) numbers[i] = -1;
      take(numbers, start, count);
    }
  }
}

/** Keys of any types in a group table. */
export class GroupedKeys implements NumberedKeys {
  readonly numRows: number;
  readonly starts: Int32Array | null;
  readonly rows: Int32Array | null;
  private readonly table: GroupTable;
  private numbers = new Int32Array(0);

  constructor(columns: readonly Column[], numRows: number, selection: Int32Array | null) {
    this.numRows = selection?.length ?? numRows;
    this.table = createGroupTable(
      columns.map((column) => column.type),
      { keys: this.numRows },
    );
    const groups = this.table.assign(columns, numRows, selection);
    if (this.table.size === this.numRows) {
      this.starts = null;
      // Groups are numbered in order of appearance.
      this.rows = selection;
    } else {
      this.starts = startsOf(groups, this.numRows, this.table.size);
      this.rows = new Int32Array(this.numRows);
      placeRows(groups, selection, this.numRows, this.starts, this.rows);
    }
  }

  get bytes(): number {
    return this.table.bytes + (this.starts?.byteLength ?? 0) + (this.rows?.byteLength ?? 0);
  }

  find(columns: readonly Column[], numRows: number, take: TakeNumbers): void {
    if (this.numbers.length < numRows) this.numbers = new Int32Array(Math.max(numRows, 2 * this.numbers.length));
    const numbers = this.table.lookup(columns, numRows, null, this.numbers);
    for (const column of columns) {
      if (column.validity === null) continue;
      for (let row = 0; row < numRows; row++) if (!isValid(column, row)) numbers[row] = -1;
    }
    take(numbers, 0, numRows);
  }
}

function hasPairs(column: Column): boolean {
  const layout = layoutOf(column.type);
  return layout.shape === 'bits' || (layout.shape === 'fixed' && layout.width !== 4);
}

function isWide(column: Column): boolean {
  const layout = layoutOf(column.type);
  return layout.shape === 'fixed' && layout.width === 2;
}

function pairsOf(column: Column, numRows: number): Int32Array {
  if (isWide(column)) return column.values as Int32Array;
  const words = new Int32Array(2 * numRows);
  for (let start = 0; start < numRows; start += BLOCK) {
    const end = Math.min(numRows, start + BLOCK);
    blockPairs(column, null, start, end);
    words.set(blockWords.subarray(0, 2 * (end - start)), 2 * start);
  }
  return words;
}
