/**
 * A table of the latest row of each key.
 *
 * Algorithm: one vectorised group-by per batch numbers the keys; rows are gone through in order and the last of each key
 * takes the place of the one before.
 * State: one row per key that is there; deleted keys are forgotten, except in versioned tables, which keep their times.
 * Correctness: one net change per key and batch, in the order in which the batch touched the keys. Versioned: a row that
 * is older in event time than the latest of its key changes nothing and goes to port 1.
 * Cost per batch: one hash and one comparison per row, one copied row per change.
 */
import type { Batch, Column, Schema } from '@sabot/columnar';
import { columnsOf, compilePipeline } from '@sabot/columnar/expressions';
import { decodeBatch, encodeBatch } from '@sabot/columnar/ipc';
import { createGroupTable, type GroupTable, takeBatch } from '@sabot/columnar/kernels';
import { DELETE, INSERT, UPDATE_AFTER, UPDATE_BEFORE, withChanges } from '../../changelog/change-kind.js';
import { streamErrors } from '../../errors.js';
import type { OperatorSpec } from '../../plan/operator-spec.js';
import type { AnyColumns, Condition } from '../../plan/stateless-step.js';
import type { Operator, OperatorOutput } from '../../ports/operator.js';
import { readTimesMs } from '../../time/event-time.js';
import { isTrue } from '../condition-column.js';
import { joinBytes, splitBytes } from '../framed-bytes.js';
import { LATE_PORT } from '../late-rows.js';
import { createOperatorStats } from '../operator-stats.js';
import { ChangeBuilder } from './change-builder.js';
import { RowStore } from './row-store.js';

const ABSENT = -1;
/** Below so many forgotten keys the table is not renumbered. */
const MANY_GONE = 1024;

export interface UpsertTableDescription {
  readonly name: string | undefined;
  readonly input: Schema;
  readonly keys: readonly string[];
  /** The time by which the latest row is the latest; undefined: arrival decides. */
  readonly versionTime: string | undefined;
  readonly deleteWhen: ((columns: AnyColumns) => Condition) | undefined;
}

/** The operator spec; side output `late` of a versioned table. */
export function upsertTableSpec(description: UpsertTableDescription): OperatorSpec {
  const { name, input, keys, versionTime, deleteWhen } = description;
  return {
    kind: 'to_table',
    ...(name === undefined ? {} : { name }),
    schema: withChanges(input),
    changelogKey: keys,
    ...(versionTime === undefined ? {} : { sideOutputs: { late: input } }),
    distribution: { keyedBy: [keys] },
    describe: `by ${keys.join(', ')}${versionTime === undefined ? '' : `, latest by ${versionTime}`}${deleteWhen === undefined ? '' : ', with deletions'}`,
    create: () => new UpsertTable(description),
  };
}

/** Fails with `SABOT_STREAM_EVENT_TIME_MISSING` when versions are asked for and there is no time. */
export function requireVersionTime(eventTime: string | undefined): string {
  if (eventTime !== undefined) return eventTime;
  throw streamErrors.error('EVENT_TIME_MISSING', {
    what: 'cannot make a versioned table',
    why: 'the stream has no event-time column (any more)',
  });
}

class UpsertTable implements Operator {
  readonly stats = createOperatorStats();
  private readonly description: UpsertTableDescription;
  private readonly groups: GroupTable;
  private readonly store: RowStore;
  private readonly changes: ChangeBuilder;
  private readonly deletions: ReturnType<typeof compilePipeline> | undefined;
  /** By group: the slot of its row, or ABSENT. */
  private slots: number[] = [];
  /** By group: the version of its row or deletion. */
  private versions: number[] = [];
  private gone = 0;
  private times: Float64Array = new Float64Array(0);

  constructor(description: UpsertTableDescription) {
    const { input, keys, deleteWhen } = description;
    this.description = description;
    this.groups = createGroupTable(keys.map((key) => input.fields[key] as Column['type']));
    this.store = new RowStore(input);
    this.changes = new ChangeBuilder(input);
    this.deletions = deleteWhen && compilePipeline(input, [{ select: { deleted: deleteWhen(columnsOf(input)) } }]);
  }

  open(): void {
    // There is nothing to open.
  }

  process(batch: Batch, _input: number, output: OperatorOutput): void {
    if (batch.numRows === 0) return;
    const keys = this.description.keys.map((key) => batch.column(key));
    const groups = this.groups.assign(keys, batch.numRows);
    while (this.slots.length < this.groups.size) {
      this.slots.push(ABSENT);
      this.versions.push(Number.NEGATIVE_INFINITY);
    }
    const latest = this.latestRows(batch, groups, output);
    this.apply(batch, latest);
    output.emit(this.changes.finish());
    this.store.settle();
    this.forget();
    this.count();
  }

  onSignal(): void {
    // Every change has gone out with its batch.
  }

  snapshot(): Uint8Array {
    const slots = this.slots.filter((slot) => slot !== ABSENT);
    const present = Uint8Array.from(this.slots, (slot) => (slot === ABSENT ? 0 : 1));
    const versions = new Uint8Array(Float64Array.from(this.versions).buffer);
    return joinBytes([this.groups.snapshot(), present, versions, encodeBatch(this.store.gather(slots))]);
  }

  restore(bytes: Uint8Array): void {
    const [groups, present, versions, rows] = splitBytes(bytes) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    this.groups.restore(groups);
    this.store.clear();
    this.store.open(decodeBatch(this.description.input, rows));
    let row = 0;
    this.slots = Array.from(present, (isPresent) => (isPresent === 1 ? this.store.put(row++) : ABSENT));
    this.versions = [...new Float64Array(versions.slice().buffer)];
    this.gone = present.length - row;
    this.count();
  }

  close(): void {
    this.groups.clear();
    this.store.clear();
    this.slots = [];
    this.versions = [];
  }

  /** Per touched group, in the order of touching, the row that stands at the end of the batch. */
  private latestRows(batch: Batch, groups: Int32Array, output: OperatorOutput): ReadonlyMap<number, number> {
    const { versionTime } = this.description;
    const latest = new Map<number, number>();
    if (versionTime === undefined) {
      for (let row = 0; row < batch.numRows; row++) latest.set(groups[row] as number, row);
      return latest;
    }
    this.times = readTimesMs(batch, versionTime, this.times);
    const late: number[] = [];
    for (let row = 0; row < batch.numRows; row++) {
      const group = groups[row] as number;
      const timeMs = this.times[row] as number;
      if (timeMs < (this.versions[group] as number)) late.push(row);
      else {
        this.versions[group] = timeMs;
        latest.set(group, row);
      }
    }
    this.stats.lateRows += late.length;
    if (late.length > 0) output.emit(takeBatch(batch, Int32Array.from(late)), LATE_PORT);
    return latest;
  }

  private apply(batch: Batch, latest: ReadonlyMap<number, number>): void {
    const { store, changes, slots } = this;
    const deleted = this.deletions?.run(batch).columns[0];
    store.open(batch);
    for (const [group, row] of latest) {
      const slot = slots[group] as number;
      const deletes = deleted !== undefined && isTrue(deleted, row);
      if (slot !== ABSENT) {
        store.appendTo(changes.rows, slot);
        changes.mark(deletes ? DELETE : UPDATE_BEFORE);
      }
      if (deletes) {
        // Deleting what is not there changes nothing.
        if (slot !== ABSENT) store.remove(slot);
        slots[group] = ABSENT;
        this.gone++;
        continue;
      }
      changes.rows.appendBatch(batch, row, row + 1);
      changes.mark(slot === ABSENT ? INSERT : UPDATE_AFTER);
      if (slot === ABSENT) slots[group] = store.put(row);
      else store.replace(slot, row);
    }
  }

  /** Deleted keys leave the table of groups once there are many. */
  private forget(): void {
    if (this.description.versionTime !== undefined || this.gone < MANY_GONE) return;
    this.gone = 0;
    const kept = this.slots.flatMap((slot, group) => (slot === ABSENT ? [] : [group]));
    this.groups.retain(Int32Array.from(kept));
    this.slots = kept.map((group) => this.slots[group] as number);
    this.versions = kept.map((group) => this.versions[group] as number);
  }

  private count(): void {
    this.stats.stateEntries = this.store.size;
    this.stats.stateBytes = this.groups.size === 0 ? 0 : this.groups.bytes + this.store.bytes + 16 * this.slots.length;
  }
}
