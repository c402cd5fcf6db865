import type { Batch, Schema } from '@sabot/columnar';
import { createGroupTable, type GroupTable } from '@sabot/columnar/kernels';
import { firstWindow, lastEnded, lastWindow, type Panes, windowStart } from '../time/panes.js';
import type { PaneGroups } from './pane-groups.js';
import { windowColumn } from './window-columns.js';
import type { WindowFold } from './window-fold.js';
import { windowKeyTypes } from './window-groups.js';
import { inTimeOrder, windowResults } from './window-results.js';

/**
 * A step of time: windows that have ended by `toMs` come out, unless they were gone at `fromMs`. `early`: instead, those
 * that have not ended by `toMs` and to which rows have come since they came out last.
 */
export interface Firing {
  readonly early: boolean;
  readonly fromMs: number;
  readonly toMs: number;
  readonly allowedLatenessMs: number;
}

/**
 * Windows of several panes: what is due is merged from its panes. Undefined when none is.
 *
 * Windows `overlap` apart share no pane, so one pass over the panes serves all windows of a residue class: as many
 * passes as windows come out, at most `overlap`.
 */
export function mergePanes(store: PaneGroups, panes: Panes, schema: Schema, firing: Firing): Batch | undefined {
  const range = firing.early ? earlyRange(store, panes, firing.toMs) : dueRange(store, panes, firing);
  if (range.first > range.last) return undefined;
  const merge = new PaneMerge(store, panes, range);
  const passes = Math.min(panes.overlap, range.last - range.first + 1);
  for (let pass = 0; pass < passes; pass++) merge.pass(range.first + pass);
  return merge.results(schema);
}

/** Windows, by index, among which some are due; those from `fresh` on come out for the first time. */
interface DueRange {
  readonly first: number;
  readonly last: number;
  readonly fresh: number;
  /** By group: whether its windows among these are due even if not fresh. */
  readonly changed: Uint8Array;
}

function dueRange(store: PaneGroups, panes: Panes, { fromMs, toMs, allowedLatenessMs }: Firing): DueRange {
  const ended = lastEnded(panes, toMs);
  const fresh = lastEnded(panes, fromMs) + 1;
  const open = lastEnded(panes, fromMs - allowedLatenessMs) + 1;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (let group = 0; group < store.size; group++) {
    const startMs = store.starts[group] as number;
    const low = Math.max(firstWindow(panes, startMs), store.dirty[group] === 1 ? open : fresh);
    const high = Math.min(lastWindow(panes, startMs), ended);
    if (low > high) continue;
    if (low < first) first = low;
    if (high > last) last = high;
  }
  return { first, last, fresh, changed: store.dirty };
}

function earlyRange(store: PaneGroups, panes: Panes, toMs: number): DueRange {
  const open = lastEnded(panes, toMs) + 1;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (let group = 0; group < store.size; group++) {
    if (store.touched[group] === 0) continue;
    const startMs = store.starts[group] as number;
    first = Math.min(first, Math.max(firstWindow(panes, startMs), open));
    last = Math.max(last, lastWindow(panes, startMs));
  }
  return { first, last, fresh: Number.POSITIVE_INFINITY, changed: store.touched };
}

class PaneMerge {
  private readonly store: PaneGroups;
  private readonly panes: Panes;
  private readonly range: DueRange;
  private readonly windows: GroupTable;
  private readonly merged: WindowFold;
  /** By (window, key). */
  private readonly starts: number[] = [];
  private readonly due: boolean[] = [];

  constructor(store: PaneGroups, panes: Panes, range: DueRange) {
    const { computation, keys } = store;
    this.store = store;
    this.panes = panes;
    this.range = range;
    this.windows = createGroupTable(windowKeyTypes(computation.inputSchema, keys));
    this.merged = computation.create();
  }

  /** Merges the panes of the windows that lie a multiple of `overlap` from this one. */
  pass(index: number): void {
    const { store, windows, due, starts } = this;
    const { members, startsMs } = this.membersOf(index);
    const columns = [windowColumn(startsMs, members.length), ...store.keyColumns(members)];
    const targets = windows.assign(columns, members.length);
    const freshMs = windowStart(this.panes, this.range.fresh);
    for (let i = 0; i < members.length; i++) {
      const target = targets[i] as number;
      starts[target] = startsMs[i] as number;
      due[target] ||= (startsMs[i] as number) >= freshMs || this.range.changed[members[i] as number] === 1;
    }
    const mapping = new Int32Array(store.size).fill(-1);
    for (let i = 0; i < members.length; i++) {
      if (due[targets[i] as number] === true) mapping[members[i] as number] = targets[i] as number;
    }
    this.merged.merge(store.fold, mapping, windows.size);
  }

  results(schema: Schema): Batch {
    const found = Int32Array.from(this.starts.keys()).filter((target) => this.due[target] === true);
    const groups = inTimeOrder(found, Float64Array.from(this.starts));
    const startsMs = Float64Array.from(groups, (target) => this.starts[target] as number);
    const bounds = { groups, startsMs, endsMs: startsMs.map((ms) => ms + this.panes.sizeMs) };
    return windowResults(schema, bounds, this.windows.keys(groups).slice(1), this.merged);
  }

  /** The pane groups inside windows of the class that may be due, and the start of each one's window. */
  private membersOf(index: number): { members: Int32Array; startsMs: Float64Array } {
    const { store, panes, range } = this;
    const members = new Int32Array(store.size);
    const startsMs = new Float64Array(store.size);
    let count = 0;
    for (let group = 0; group < store.size; group++) {
      const startMs = store.starts[group] as number;
      const latest = lastWindow(panes, startMs);
      const window = latest - modulo(latest - index, panes.overlap);
      if (window < range.first || window > range.last || window < firstWindow(panes, startMs)) continue;
      members[count] = group;
      startsMs[count++] = windowStart(panes, window);
    }
    return { members: members.subarray(0, count), startsMs: startsMs.subarray(0, count) };
  }
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
