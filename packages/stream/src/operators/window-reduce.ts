import {
  type Batch,
  batchFromRows,
  type Column,
  createRowCursor,
  defineSchema,
  type Fields,
  type RowOf,
  rowAt,
  type Schema,
} from '@sabot/columnar';
import { decodeBatch, encodeBatch } from '@sabot/columnar/ipc';
import { joinBytes, splitBytes } from './framed-bytes.js';
import type { RowDraft } from './rows/row-draft.js';
import type { WindowComputation, WindowFold } from './window-fold.js';

/** Changes a total by a row. */
export type ReduceRows = (total: RowDraft<Fields>, row: RowOf<Fields>) => void;

/** Rows folded into one per window and key by a function; `keys` are not part of the result, which has them already. */
export function reduceComputation(input: Schema, keys: readonly string[], fold: ReduceRows): WindowComputation {
  const columns = input.names.filter((name) => !keys.includes(name));
  const fields = Object.fromEntries(columns.map((name) => [name, input.fields[name] as Fields[string]]));
  return {
    inputSchema: input,
    outputSchema: defineSchema(fields),
    create: () => new ReducedRows(input, columns, fold),
  };
}

/** One total per group, as the object that the function changes; groups to which no row has come have none. */
class ReducedRows implements WindowFold {
  numGroups = 0;
  private totals: (RowDraft<Fields> | undefined)[] = [];
  private readonly input: Schema;
  private readonly columns: readonly string[];
  private readonly fold: ReduceRows;

  constructor(input: Schema, columns: readonly string[], fold: ReduceRows) {
    this.input = input;
    this.columns = columns;
    this.fold = fold;
  }

  /** An estimate: objects do not tell their size. */
  get bytes(): number {
    return this.totals.length * (16 + 24 * this.input.names.length);
  }

  update(groups: Int32Array, numGroups: number, batch: Batch, selection: Int32Array | null = null): void {
    this.numGroups = Math.max(this.numGroups, numGroups);
    const cursor = createRowCursor(this.input);
    cursor.open(batch);
    for (let i = 0; i < groups.length; i++) {
      const row = selection === null ? i : (selection[i] as number);
      const group = groups[i] as number;
      const total = this.totals[group];
      cursor.row = row;
      if (total === undefined) this.totals[group] = { ...rowAt(batch, row) };
      else this.fold(total, cursor.value);
    }
  }

  merge(other: WindowFold, mapping: Int32Array, numGroups: number): void {
    this.numGroups = Math.max(this.numGroups, numGroups);
    // Only folds of one computation are merged.
    const { totals } = other as ReducedRows;
    for (let group = 0; group < totals.length; group++) {
      const target = mapping[group] ?? -1;
      const from = totals[group];
      if (target < 0 || from === undefined) continue;
      const total = this.totals[target];
      if (total === undefined) this.totals[target] = { ...from };
      else this.fold(total, from);
    }
  }

  finish(groups: Int32Array): readonly Column[] {
    // A group comes out only with rows.
    const rows = Array.from(groups, (group) => this.totals[group] as RowOf<Fields>);
    const batch = batchFromRows(this.input, rows);
    return this.columns.map((name) => batch.column(name));
  }

  retain(groups: Int32Array): void {
    this.totals = Array.from(groups, (group) => this.totals[group]);
    this.numGroups = groups.length;
  }

  clear(): void {
    this.totals = [];
    this.numGroups = 0;
  }

  snapshot(): Uint8Array {
    const present = Uint8Array.from({ length: this.numGroups }, (_, group) =>
      this.totals[group] === undefined ? 0 : 1,
    );
    const rows = this.totals.filter((total) => total !== undefined);
    return joinBytes([present, encodeBatch(batchFromRows(this.input, rows))]);
  }

  restore(bytes: Uint8Array): void {
    const [present, encoded] = splitBytes(bytes) as [Uint8Array, Uint8Array];
    const batch = decodeBatch(this.input, encoded);
    let row = 0;
    this.numGroups = present.length;
    this.totals = Array.from(present, (flag) => (flag === 1 ? { ...rowAt(batch, row++) } : undefined));
  }
}
