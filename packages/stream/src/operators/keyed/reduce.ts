/**
 * Folds the rows of each key into one row and gives that row out after each of them.
 *
 * Algorithm: one vectorised group-by per batch numbers the keys; the total of a number is an object that the function
 * changes in place. The first row of a key is its first total.
 * State: one row per key, for ever.
 * Correctness: one output row per input row, in order. A row whose function throws leaves the total as it was.
 * Cost per batch: one hash and one call per row, one append per row; objects per key, none per row.
 */
import {
  type Batch,
  type BatchBuilder,
  batchFromRows,
  type Column,
  createBatchBuilder,
  createRowCursor,
  type Fields,
  type RowCursor,
  type RowOf,
  rowAt,
  rowsOf,
  type Schema,
} from '@sabot/columnar';
import { decodeBatch, encodeBatch } from '@sabot/columnar/ipc';
import { createGroupTable, type GroupTable } from '@sabot/columnar/kernels';
import type { OperatorSpec } from '../../plan/operator-spec.js';
import type { Operator, OperatorContext, OperatorOutput } from '../../ports/operator.js';
import { deadLetterOutput, type ErrorPolicy, FailedRows } from '../failures/failed-rows.js';
import { joinBytes, splitBytes } from '../framed-bytes.js';
import { createOperatorStats } from '../operator-stats.js';
import { createDraft } from '../rows/row-draft.js';

type Row = Record<string, unknown>;

export interface ReduceDescription {
  readonly name: string | undefined;
  readonly input: Schema;
  readonly keys: readonly string[];
  readonly onError: ErrorPolicy;
  /** Changes the total by the row. */
  readonly fold: (total: Row, row: RowOf<Fields>) => void;
}

/** The operator spec of a running reduction; side output `deadLetters` under that policy. */
export function reduceSpec(description: ReduceDescription): OperatorSpec {
  const { name, input, keys, onError } = description;
  return {
    kind: 'reduce',
    ...(name === undefined ? {} : { name }),
    schema: input,
    sideOutputs: deadLetterOutput(onError, input),
    distribution: { keyedBy: [keys] },
    describe: `by ${keys.join(', ')}, on error ${onError}`,
    create: () => new Reduce(description),
  };
}

class Reduce implements Operator {
  readonly stats = createOperatorStats();
  private readonly description: ReduceDescription;
  private readonly failed: FailedRows;
  private readonly groups: GroupTable;
  private readonly cursor: RowCursor<Fields>;
  private readonly builder: BatchBuilder<Fields>;
  /** The total under work: it becomes the key's when the function and the append have succeeded. */
  private readonly draft: Row;
  /** By group; undefined while every row of a key has failed. */
  private totals: (Row | undefined)[] = [];

  constructor(description: ReduceDescription) {
    const { input, keys, onError } = description;
    this.description = description;
    this.failed = new FailedRows(onError, input, this.stats);
    this.groups = createGroupTable(keys.map((key) => input.fields[key] as Column['type']));
    this.cursor = createRowCursor(input);
    this.builder = createBatchBuilder(input);
    this.draft = createDraft(input).row;
  }

  open(context: OperatorContext): void {
    this.failed.open(context);
  }

  process(batch: Batch, _input: number, output: OperatorOutput): void {
    const { cursor, builder } = this;
    const keys = this.description.keys.map((key) => batch.column(key));
    const groups = this.groups.assign(keys, batch.numRows);
    cursor.open(batch);
    for (let row = 0; row < batch.numRows; row++) {
      cursor.row = row;
      try {
        this.fold(groups[row] as number, batch, row);
      } catch (error) {
        this.failed.refuse(batch, row, error);
      }
    }
    if (builder.numRows > 0) output.emit(builder.finish());
    this.failed.flush(output);
    this.count();
  }

  onSignal(): void {
    // Every row has gone out with its batch.
  }

  snapshot(): Uint8Array {
    const { input } = this.description;
    const held = this.totals.flatMap((total, group) => (total === undefined ? [] : [group]));
    const rows = held.map((group) => this.totals[group] as RowOf<Fields>);
    const numbers = new Uint8Array(Int32Array.from(held).buffer);
    return joinBytes([this.groups.snapshot(), numbers, encodeBatch(batchFromRows(input, rows))]);
  }

  restore(bytes: Uint8Array): void {
    const [groups, numbers, rows] = splitBytes(bytes) as [Uint8Array, Uint8Array, Uint8Array];
    this.groups.restore(groups);
    const held = new Int32Array(numbers.slice().buffer);
    const totals = rowsOf(decodeBatch(this.description.input, rows));
    this.totals = [];
    held.forEach((group, at) => {
      this.totals[group] = totals[at] as Row;
    });
    this.count();
  }

  close(): void {
    this.groups.clear();
    this.totals = [];
  }

  private fold(group: number, batch: Batch, row: number): void {
    const { draft, builder } = this;
    const total = this.totals[group];
    if (total === undefined) {
      const first = rowAt(batch, row);
      builder.append(first);
      this.totals[group] = first;
      return;
    }
    copyInto(draft, total);
    this.description.fold(draft, this.cursor.value);
    // Nulls in columns that have none, and values of the wrong type, are refused by the builder.
    builder.append(draft as RowOf<Fields>);
    copyInto(total, draft);
  }

  private count(): void {
    this.stats.stateEntries = this.groups.size;
    this.stats.stateBytes = this.groups.size === 0 ? 0 : this.groups.bytes;
  }
}

function copyInto(target: Row, source: Row): void {
  for (const column in source) target[column] = source[column];
}
