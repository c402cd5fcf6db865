/**
 * Aggregates of all rows of each key so far, as a table.
 *
 * Algorithm: one vectorised group-by per batch; the aggregates of the touched keys are read before and after it.
 * State: one entry per key, for ever.
 * Correctness: one net change per key and batch, in the order in which the batch touched the keys.
 * Cost per batch: two passes over the rows plus one per aggregate, two result rows per touched key.
 */
import { type Batch, type Column, createBatch, type Schema } from '@sabot/columnar';
import {
  type Accumulators,
  type AggregatePlan,
  concatBatches,
  createAccumulators,
  createGroupTable,
  type GroupTable,
  takeBatch,
} from '@sabot/columnar/kernels';
import { changelogBatch, INSERT, UPDATE_AFTER, UPDATE_BEFORE, withChanges } from '../../changelog/change-kind.js';
import type { OperatorSpec } from '../../plan/operator-spec.js';
import type { Operator, OperatorOutput } from '../../ports/operator.js';
import { joinBytes, splitBytes } from '../framed-bytes.js';
import { keyedAggregateSchema } from '../keyed-aggregate-schema.js';
import { createOperatorStats } from '../operator-stats.js';

export interface AggregateTableDescription {
  readonly name: string | undefined;
  readonly keys: readonly string[];
  readonly aggregates: AggregatePlan;
}

/** The operator spec of a keyed aggregate without windows. */
export function aggregateTableSpec({ name, keys, aggregates }: AggregateTableDescription): OperatorSpec {
  const schema = keyedAggregateSchema(keys, {}, aggregates);
  return {
    kind: 'aggregate_table',
    ...(name === undefined ? {} : { name }),
    schema: withChanges(schema),
    changelogKey: keys,
    eventTime: null,
    distribution: { keyedBy: [keys] },
    describe: `by ${keys.join(', ')}`,
    create: () => new AggregateTable(schema, keys, aggregates),
  };
}

class AggregateTable implements Operator {
  readonly stats = createOperatorStats();
  private readonly rowSchema: Schema;
  private readonly changeSchema: Schema;
  private readonly keys: readonly string[];
  private readonly groups: GroupTable;
  private readonly totals: Accumulators;
  /** By group: the number of the batch that touched it last. */
  private touchedBy = new Float64Array(256);
  private batches = 0;

  constructor(schema: Schema, keys: readonly string[], aggregates: AggregatePlan) {
    this.rowSchema = schema;
    this.changeSchema = withChanges(schema);
    this.keys = keys;
    this.groups = createGroupTable(keys.map((key) => aggregates.inputSchema.fields[key] as Column['type']));
    this.totals = createAccumulators(aggregates);
  }

  open(): void {
    // There is nothing to open.
  }

  process(batch: Batch, _input: number, output: OperatorOutput): void {
    if (batch.numRows === 0) return;
    const known = this.groups.size;
    const groups = this.groups.assign(
      this.keys.map((key) => batch.column(key)),
      batch.numRows,
    );
    const touched = this.touched(groups, batch.numRows);
    const former = touched.filter((group) => group < known);
    const before = this.rowsOf(former);
    this.totals.update(groups, this.groups.size, batch);
    output.emit(this.changes(touched, known, before, this.rowsOf(touched)));
    this.count();
  }

  onSignal(): void {
    // Every change has gone out with its batch.
  }

  snapshot(): Uint8Array {
    return joinBytes([this.groups.snapshot(), this.totals.snapshot()]);
  }

  restore(bytes: Uint8Array): void {
    const [groups, totals] = splitBytes(bytes) as [Uint8Array, Uint8Array];
    this.groups.restore(groups);
    this.totals.restore(totals);
    this.count();
  }

  close(): void {
    this.groups.clear();
    this.totals.clear();
  }

  /** The groups of the batch, each once, in the order of their first rows. */
  private touched(groups: Int32Array, numRows: number): Int32Array {
    if (this.touchedBy.length < this.groups.size) {
      const grown = new Float64Array(Math.max(this.groups.size, this.touchedBy.length * 2));
      grown.set(this.touchedBy);
      this.touchedBy = grown;
    }
    const number = ++this.batches;
    const touched = new Int32Array(Math.min(numRows, this.groups.size));
    let count = 0;
    for (let row = 0; row < numRows; row++) {
      const group = groups[row] as number;
      if (this.touchedBy[group] === number) continue;
      this.touchedBy[group] = number;
      touched[count++] = group;
    }
    return touched.subarray(0, count);
  }

  private rowsOf(groups: Int32Array): Batch {
    const columns = [...this.groups.keys(groups), ...this.totals.finish(groups)];
    return createBatch(this.rowSchema, columns, groups.length);
  }

  /** Old rows beside new ones: `before` has those of groups that were known, `after` those of all. */
  private changes(touched: Int32Array, known: number, before: Batch, after: Batch): Batch {
    const both = concatBatches(this.rowSchema, [before, after]);
    const rows = new Int32Array(both.numRows);
    const changes = new Int8Array(both.numRows);
    let count = 0;
    let old = 0;
    for (let i = 0; i < touched.length; i++) {
      const isNew = (touched[i] as number) >= known;
      if (!isNew) {
        rows[count] = old++;
        changes[count++] = UPDATE_BEFORE;
      }
      rows[count] = before.numRows + i;
      changes[count++] = isNew ? INSERT : UPDATE_AFTER;
    }
    return changelogBatch(this.changeSchema, takeBatch(both, rows), changes);
  }

  private count(): void {
    this.stats.stateEntries = this.groups.size;
    this.stats.stateBytes = this.groups.size === 0 ? 0 : this.groups.bytes + this.totals.bytes;
  }
}
