import {
  type Batch,
  batchBytes,
  batchFromRows,
  type Column,
  type Fields,
  isValid,
  type RowOf,
  type Schema,
} from '@sabot/columnar';
import { concatBatches, createGroupTable, createHashIndex, type HashIndex, takeBatch } from '@sabot/columnar/kernels';
import { type NamedSchema, positionOf } from '../keys/key-pairs.js';

/** What became of the rows that a table was made from. */
export interface TableStats {
  /** Rows in the table: one per key. */
  readonly rows: number;
  readonly bytes: number;
  /** Rows that a later row of the same key replaced. */
  readonly replacedRows: number;
  /** Rows left out because a key column is null: they could match nothing. */
  readonly nullKeyRows: number;
}

/** A bounded table in memory with one row per key, indexed by it. Immutable. */
export interface MemoryTable<F extends Fields = Fields, K extends keyof F & string = keyof F & string> {
  readonly name: string;
  readonly schema: Schema<F>;
  readonly key: readonly K[];
  /** The rows in the order in which their keys first appeared. */
  readonly batch: Batch<F>;
  readonly index: HashIndex;
  readonly stats: TableStats;
}

export interface TableOptions<K extends string> {
  /** The column, or the columns together, that identify a row. */
  readonly key: K | readonly K[];
  /** How messages and telemetry call the table; default `table`. */
  readonly name?: string;
}

/**
 * A table of the given batches: the last row of each key, as in a compacted topic.
 *
 * Rows with a null in the key are left out. Both are counted in `stats`.
 * Errors: `SABOT_JOINS_COLUMN_UNKNOWN` for a key that is no column, `SABOT_COLUMNAR_SCHEMA_MISMATCH` for a foreign batch.
 */
export function tableFromBatches<F extends Fields, const K extends keyof F & string>(
  schema: Schema<F>,
  batches: readonly Batch<F>[],
  options: TableOptions<K>,
): MemoryTable<F, K> {
  const name = options.name ?? 'table';
  const key = typeof options.key === 'string' ? [options.key] : [...options.key];
  const keyPositions = keyColumns({ label: `table "${name}"`, schema }, key);
  const all = concatBatches(schema, batches);
  const kept = lastRowOfEachKey(
    keyPositions.map((position) => all.columns[position] as Column),
    all.numRows,
  );
  const batch = takeBatch(all, kept.rows, kept.rows.length);
  const index = createHashIndex(
    keyPositions.map((position) => batch.columns[position] as Column),
    batch.numRows,
  );
  const stats: TableStats = {
    rows: batch.numRows,
    bytes: batchBytes(batch),
    replacedRows: all.numRows - kept.nullKeyRows - batch.numRows,
    nullKeyRows: kept.nullKeyRows,
  };
  return { name, schema, key, batch, index, stats };
}

/**
 * A table of the given rows: the last row of each key.
 *
 * @example
 * const airports = tableFromRows(defineSchema({ iata: utf8(), city: utf8() }), [{ iata: 'ATL', city: 'Atlanta' }], {
 *   key: 'iata',
 * });
 */
export function tableFromRows<F extends Fields, const K extends keyof F & string>(
  schema: Schema<F>,
  rows: Iterable<RowOf<F>>,
  options: TableOptions<K>,
): MemoryTable<F, K> {
  return tableFromBatches(schema, [batchFromRows(schema, rows)], options);
}

/** The positions of the key columns; errors name a column that is not there. */
export function keyColumns(table: NamedSchema, key: readonly string[]): readonly number[] {
  return key.map((column) => positionOf(table, column));
}

function lastRowOfEachKey(keys: readonly Column[], numRows: number): { rows: Int32Array; nullKeyRows: number } {
  const whole = rowsWithWholeKey(keys, numRows);
  const groups = createGroupTable(keys.map((key) => key.type));
  const assigned = groups.assign(keys, numRows, whole);
  const rows = new Int32Array(groups.size);
  for (let i = 0; i < whole.length; i++) rows[assigned[i] as number] = whole[i] as number;
  return { rows, nullKeyRows: numRows - whole.length };
}

function rowsWithWholeKey(keys: readonly Column[], numRows: number): Int32Array {
  const rows = new Int32Array(numRows);
  let count = 0;
  for (let row = 0; row < numRows; row++) {
    if (keys.every((key) => isValid(key, row))) rows[count++] = row;
  }
  return rows.subarray(0, count);
}
