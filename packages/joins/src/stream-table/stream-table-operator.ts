/**
 * Joins the rows of a stream with a table in memory.
 *
 * Algorithm: the table's index is built once, when the table is made. A batch is probed by its key columns; the matching
 * table rows are gathered column by column. A left join, and an inner one in which every row matches, hands the stream's
 * own columns on untouched, because a key has at most one table row.
 * State: none of its own; the table is immutable and belongs to the program. After a restart rows meet the table that
 * the program has loaded by then.
 * Correctness: rows keep their order and their time. A null key matches nothing: an inner join leaves the row out
 * (counted as unmatched), a left join puts it out at once with nulls.
 * Cost per batch: one probe and one gather per chosen column; nothing per row is allocated.
 */
import { type Batch, batchBytes, type Column, createBatch } from '@sabot/columnar';
import { takeColumn } from '@sabot/columnar/kernels';
import { createOperatorStats, type Operator, type OperatorOutput } from '@sabot/stream';
import type { JoinStats } from '../join-stats.js';
import { gather, type OutputPlan } from '../output/output-plan.js';
import type { MemoryTable } from '../table/memory-table.js';

export interface StreamTablePlan {
  readonly table: MemoryTable;
  /** Positions of the stream's key columns, in the order of the table's key. */
  readonly streamKeys: readonly number[];
  readonly preservesStream: boolean;
  readonly output: OutputPlan;
}

class StreamTableJoin implements Operator {
  readonly stats: JoinStats;
  private readonly plan: StreamTablePlan;

  constructor(plan: StreamTablePlan) {
    const { batch } = plan.table;
    this.plan = plan;
    this.stats = {
      ...createOperatorStats(),
      operations: 0,
      matchedRows: 0,
      unmatchedRows: 0,
      buildRows: batch.numRows,
      buildBytes: batchBytes(batch),
      hits: new Float64Array(batch.numRows),
    };
  }

  open(): void {
    // Nothing to open: the index stands since the table was made.
  }

  process(batch: Batch, _input: number, output: OperatorOutput): void {
    const { table, streamKeys, preservesStream, output: plan } = this.plan;
    const keys = streamKeys.map((position) => batch.columns[position] as Column);
    const pairs = preservesStream ? table.index.probeLeft(keys, batch.numRows) : table.index.probe(keys, batch.numRows);
    this.count(batch.numRows, pairs.buildRows, pairs.count);
    if (pairs.count === 0) return;
    // One table row per key: as many pairs as rows means row i is pair i.
    const own =
      pairs.count === batch.numRows
        ? batch.columns
        : batch.columns.map((column) => takeColumn(column, pairs.probeRows, pairs.count));
    const found = gather(table.batch.columns, plan.rightColumns, plan.rightTypes, pairs.buildRows, pairs.count);
    output.emit(createBatch(plan.schema, [...own, ...found], pairs.count));
  }

  onSignal(): void {
    // Every row goes out with its batch: no signal releases anything.
  }

  snapshot(): undefined {
    return undefined;
  }

  restore(): void {
    // There is no state to restore.
  }

  close(): void {
    // The table belongs to the program.
  }

  private count(numRows: number, buildRows: Int32Array, pairs: number): void {
    const { stats } = this;
    let matched = 0;
    for (let i = 0; i < pairs; i++) {
      const row = buildRows[i] as number;
      if (row < 0) continue;
      stats.hits[row] = (stats.hits[row] as number) + 1;
      matched++;
    }
    stats.operations++;
    stats.matchedRows += matched;
    stats.unmatchedRows += numRows - matched;
  }
}

/** A fresh operator for a described join. */
export function createStreamTableOperator(plan: StreamTablePlan): Operator {
  return new StreamTableJoin(plan);
}
