import type { Batch, Column } from '@sabot/columnar';
import { createGroupTable, type GroupTable } from '@sabot/columnar/kernels';
import type { WindowComputation } from './window-fold.js';

/** Keys numbered from 0; without key columns there is one, number 0. */
export class SessionKeys {
  private readonly names: readonly string[];
  private readonly table: GroupTable;

  constructor(input: WindowComputation['inputSchema'], names: readonly string[]) {
    this.names = names;
    this.table = createGroupTable(names.map((name) => input.fields[name] as Column['type']));
  }

  get size(): number {
    return this.names.length === 0 ? 1 : this.table.size;
  }

  get bytes(): number {
    return this.table.bytes;
  }

  /** The key of every row; the array is the caller's until the next call. */
  assign(batch: Batch): Int32Array {
    if (this.names.length === 0) return new Int32Array(batch.numRows);
    const columns = this.names.map((name) => batch.column(name));
    return this.table.assign(columns, batch.numRows);
  }

  columns(keys: Int32Array): Column[] {
    return this.names.length === 0 ? [] : this.table.keys(keys);
  }

  retain(keys: Int32Array): void {
    if (this.names.length > 0) this.table.retain(keys);
  }

  clear(): void {
    this.table.clear();
  }

  snapshot(): Uint8Array {
    return this.names.length === 0 ? new Uint8Array(0) : this.table.snapshot();
  }

  restore(bytes: Uint8Array): void {
    if (this.names.length > 0) this.table.restore(bytes);
  }
}
