/**
 * The first rows of each key in an order, as a table with a rank.
 *
 * Algorithm: per batch, the rows held for the touched keys and those of the batch are put in order; the first `limit` of
 * each key stay. Whatever stands at another rank than before is a change.
 * State: at most `limit` rows per key, for ever.
 * Correctness: equal rows keep the order in which they came. One net change per key, rank and batch.
 * Cost per batch: one sort of the batch and of the held rows of the touched keys; one copied row per change.
 */
import {
  type Batch,
  type Column,
  createBatch,
  defineSchema,
  emptyBatch,
  int32,
  makeColumn,
  type Schema,
} from '@sabot/columnar';
import { decodeBatch, encodeBatch } from '@sabot/columnar/ipc';
import { concatBatches, createGroupTable, type GroupTable, type SortOrder, sortRows } from '@sabot/columnar/kernels';
import { changelogBatch, INSERT, UPDATE_AFTER, UPDATE_BEFORE, withChanges } from '../../changelog/change-kind.js';
import { streamErrors } from '../../errors.js';
import type { OperatorSpec } from '../../plan/operator-spec.js';
import type { Operator, OperatorOutput } from '../../ports/operator.js';
import { joinBytes, splitBytes } from '../framed-bytes.js';
import { createOperatorStats } from '../operator-stats.js';
import { RowStore } from './row-store.js';

/** The added column: 1 for the first row of its key. */
export const RANK_COLUMN = 'rank';
const RANK_TYPE = int32();

export interface TopNDescription {
  readonly name: string | undefined;
  readonly input: Schema;
  /** None: one order over all rows. */
  readonly keys: readonly string[];
  readonly limit: number;
  readonly by: readonly (SortOrder & { readonly by: string })[];
}

/** Fails with `SABOT_STREAM_OPTION_INVALID`, `…_COLUMN_UNKNOWN` or `…_PLAN_INVALID`. */
export function topNSpec(description: TopNDescription): OperatorSpec {
  const { name, input, keys, limit, by } = description;
  assertTopN(description);
  const schema = rankedSchema(input);
  return {
    kind: 'top_n',
    ...(name === undefined ? {} : { name }),
    schema: withChanges(schema),
    changelogKey: [...keys, RANK_COLUMN],
    distribution: keys.length === 0 ? 'single' : { keyedBy: [keys] },
    describe: `first ${limit}${keys.length === 0 ? '' : ` by ${keys.join(', ')}`} in order of ${by.map((key) => `${key.by}${key.descending === true ? ' descending' : ''}`).join(', ')}`,
    create: () => new TopN(description, schema),
  };
}

const rankedSchema = (input: Schema): Schema => defineSchema({ ...input.fields, [RANK_COLUMN]: RANK_TYPE });

function assertTopN({ input, limit, by }: TopNDescription): void {
  if (!Number.isSafeInteger(limit) || limit < 1 || by.length === 0) {
    throw streamErrors.error('OPTION_INVALID', {
      what: 'cannot keep the first rows',
      why: by.length === 0 ? 'no order is given' : `limit is ${limit}, which is no whole number above 0`,
    });
  }
  for (const { by: column } of by) {
    if (Object.hasOwn(input.fields, column)) continue;
    throw streamErrors.error('COLUMN_UNKNOWN', {
      what: `cannot order rows by column "${column}"`,
      why: `the stream has ${input.names.join(', ')}`,
    });
  }
  if (!Object.hasOwn(input.fields, RANK_COLUMN)) return;
  throw streamErrors.error('PLAN_INVALID', {
    what: 'cannot rank rows',
    why: `they have a column "${RANK_COLUMN}" already`,
    remedy: 'Rename the column with select before.',
  });
}

/** Change rows in the making: where each comes from and what it does. */
interface Changes {
  readonly slots: number[];
  readonly ranks: number[];
  readonly kinds: number[];
}

class TopN implements Operator {
  readonly stats = createOperatorStats();
  private readonly description: TopNDescription;
  private readonly changeSchema: Schema;
  private readonly rankedSchema: Schema;
  private readonly groups: GroupTable;
  private readonly store: RowStore;
  /** By group: the slots of its rows, in order. */
  private ranked: (readonly number[])[] = [];

  constructor(description: TopNDescription, schema: Schema) {
    const { input, keys } = description;
    this.description = description;
    this.rankedSchema = schema;
    this.changeSchema = withChanges(schema);
    this.groups = createGroupTable(keys.map((key) => input.fields[key] as Column['type']));
    this.store = new RowStore(input);
  }

  open(): void {
    // There is nothing to open.
  }

  process(batch: Batch, _input: number, output: OperatorOutput): void {
    if (batch.numRows === 0) return;
    const groups = this.groupsOf(batch);
    const touched = [...new Set(groups.subarray(0, batch.numRows))];
    const held = touched.flatMap((group) => this.ranked[group] ?? []);
    const candidates = concatBatches(this.description.input, [this.store.gather(held), batch]);
    const owners = new Int32Array(candidates.numRows);
    let at = 0;
    for (const group of touched) for (const _slot of this.ranked[group] ?? []) owners[at++] = group;
    owners.set(groups.subarray(0, batch.numRows), at);
    const first = this.firstRows(candidates, owners);
    const changes: Changes = { slots: [], ranks: [], kinds: [] };
    this.store.open(batch);
    const removed: number[] = [];
    for (const group of touched) {
      const rows = first.get(group) as readonly number[];
      const slots = rows.map((row) => (row < held.length ? (held[row] as number) : this.store.put(row - held.length)));
      removed.push(...this.rank(group, slots, changes));
    }
    output.emit(this.changeBatch(changes));
    for (const slot of removed) this.store.remove(slot);
    this.store.settle();
    this.count();
  }

  onSignal(): void {
    // Every change has gone out with its batch.
  }

  snapshot(): Uint8Array {
    const counts = new Uint8Array(Int32Array.from(this.ranked, (slots) => slots.length).buffer);
    return joinBytes([this.groups.snapshot(), counts, encodeBatch(this.store.gather(this.ranked.flat()))]);
  }

  restore(bytes: Uint8Array): void {
    const [groups, counts, rows] = splitBytes(bytes) as [Uint8Array, Uint8Array, Uint8Array];
    if (this.description.keys.length > 0) this.groups.restore(groups);
    this.store.clear();
    this.store.open(decodeBatch(this.description.input, rows));
    let row = 0;
    this.ranked = Array.from(new Int32Array(counts.slice().buffer), (count) =>
      Array.from({ length: count }, () => this.store.put(row++)),
    );
    this.count();
  }

  close(): void {
    this.groups.clear();
    this.store.clear();
    this.ranked = [];
  }

  private groupsOf(batch: Batch): Int32Array {
    const { keys } = this.description;
    if (keys.length === 0) return new Int32Array(batch.numRows);
    return this.groups.assign(
      keys.map((key) => batch.column(key)),
      batch.numRows,
    );
  }

  /** Per group, the rows that are first: those held stand in front of new ones that are equal to them. */
  private firstRows(candidates: Batch, owners: Int32Array): ReadonlyMap<number, readonly number[]> {
    const { by, limit } = this.description;
    const columns = by.map((key) => candidates.column(key.by));
    const first = new Map<number, number[]>();
    for (const row of sortRows(columns, by, candidates.numRows)) {
      const group = owners[row] as number;
      const rows = first.get(group);
      if (rows === undefined) first.set(group, [row]);
      else if (rows.length < limit) rows.push(row);
    }
    return first;
  }

  /** Puts the rows of a group into their new order; returns the slots of those that are out. */
  private rank(group: number, slots: readonly number[], changes: Changes): readonly number[] {
    const former = this.ranked[group] ?? [];
    for (const [at, slot] of slots.entries()) {
      const old = former[at];
      if (old === slot) continue;
      if (old !== undefined) add(changes, old, at + 1, UPDATE_BEFORE);
      add(changes, slot, at + 1, old === undefined ? INSERT : UPDATE_AFTER);
    }
    this.ranked[group] = slots;
    const kept = new Set(slots);
    return former.filter((slot) => !kept.has(slot));
  }

  private changeBatch({ slots, ranks, kinds }: Changes): Batch {
    if (slots.length === 0) return emptyBatch(this.changeSchema);
    const rows = this.store.gather(slots);
    const rank = makeColumn(RANK_TYPE, slots.length, { values: Int32Array.from(ranks) });
    const ranked = createBatch(this.rankedSchema, [...rows.columns, rank]);
    return changelogBatch(this.changeSchema, ranked, Int8Array.from(kinds));
  }

  private count(): void {
    this.stats.stateEntries = this.store.size;
    this.stats.stateBytes = this.store.size === 0 ? 0 : this.store.bytes + this.groups.bytes;
  }
}

function add(changes: Changes, slot: number, rank: number, kind: number): void {
  changes.slots.push(slot);
  changes.ranks.push(rank);
  changes.kinds.push(kind);
}
