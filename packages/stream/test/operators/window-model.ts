import { type Batch, batchOf, defineSchema, int64, nullable, rowsOf, timestamp, utf8 } from '@sabot/columnar';
import fc from 'fast-check';
import type { Operator } from '../../src/ports/operator.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { Stream } from '../../src/surface/stream.js';
import { createOperatorHarness } from '../../src/testing/operator-harness.js';
import type { TimeWindow } from '../../src/time/window-spec.js';

export const schema = defineSchema({ key: utf8(), at: timestamp('us'), value: nullable(int64()) });
export type Row = readonly [key: string, at: number, value: number | null];

export const batch = (...rows: readonly Row[]) =>
  batchOf(schema, {
    key: rows.map(([key]) => key),
    at: rows.map(([, at]) => at),
    value: rows.map(([, , value]) => (value === null ? null : BigInt(value))),
  });

/** The operator of a window aggregate, as the surface makes it. */
export function windowOperator(window: TimeWindow, allowedLatenessMs = 0): Operator {
  const stream = Stream.from(memorySource(schema, []), { eventTime: 'at' })
    .keyBy('key')
    .window(window, { allowedLatenessMs })
    .aggregate(
      (a) => ({ rows: a.count(), total: a.sum('value'), first: a.first('value'), kinds: a.countDistinct('value') }),
      { name: 'w' },
    );
  const { node } = stream.edge;
  if (node.kind !== 'operator') throw new Error('not an operator');
  return node.spec.create();
}

/** `key[start,end) rows total first` per result row. */
export const shown = (batches: readonly Batch[]) =>
  batches
    .flatMap((result) => [...rowsOf(result)])
    .map((row) => {
      if (Number(row['windowTime']) !== Number(row['windowEnd']) - 1) throw new Error('not stamped end − 1 ms');
      return `${row['key']}[${row['windowStart']},${row['windowEnd']}) ${row['rows']} ${row['total']} ${row['first']}`;
    });

export type Event = { readonly key: string; readonly at: number } | { readonly watermark: number };

/** Rows far out of order, in between watermarks that also try to go back. */
export const events = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ key: fc.constantFrom('a', 'b', 'c'), at: fc.integer({ min: -50, max: 50 }) }) },
    { weight: 1, arbitrary: fc.record({ watermark: fc.integer({ min: -60, max: 60 }) }) },
  ),
  { maxLength: 60 },
);

export interface Outcome {
  /** Per watermark that brought any: its results, sorted. */
  readonly firings: readonly (readonly string[])[];
  readonly late: readonly string[];
}

export interface Cuts {
  readonly batchRows: number;
  /** Before this event a checkpoint is taken and a fresh operator goes on from it. */
  readonly restartAt: number;
}

/** What the operator gives for the events, row number as value, until the end of time; it must end without state. */
export async function runWindows(
  window: TimeWindow,
  latenessMs: number,
  input: readonly Event[],
  cuts: Cuts,
): Promise<Outcome> {
  let harness = await createOperatorHarness(windowOperator(window, latenessMs));
  const firings: (readonly string[])[] = [];
  const late: string[] = [];
  let gathered: Row[] = [];
  const flush = async () => {
    if (gathered.length > 0) await harness.process(batch(...gathered));
    gathered = [];
  };
  const take = () => {
    const results = shown(harness.batches(0));
    if (results.length > 0) firings.push(results.sort());
    late.push(...harness.batches(1).flatMap((rows) => [...rowsOf(rows)].map((row) => `${row['key']}@${row['at']}`)));
    harness.takeEmitted();
  };
  for (const [at, event] of [...input, { watermark: Number.POSITIVE_INFINITY }].entries()) {
    if (at === cuts.restartAt) {
      await flush();
      take();
      const checkpoint = await harness.checkpoint(1);
      harness = await createOperatorHarness(windowOperator(window, latenessMs), {}, [checkpoint]);
    }
    if ('watermark' in event) {
      await flush();
      await harness.watermark(event.watermark);
    } else {
      gathered.push([event.key, event.at, at]);
      if (gathered.length >= cuts.batchRows) await flush();
    }
    take();
  }
  const { stateEntries, stateBytes } = harness.operator.stats;
  if (stateEntries !== 0 || stateBytes !== 0) throw new Error(`${stateEntries} entries are left`);
  return { firings, late };
}

interface OpenWindow {
  key: string;
  start: number;
  end: number;
  values: number[];
  changed: boolean;
}

/**
 * The rules as written, one row and one window at a time. `place` puts a row into the open windows and says whether it
 * belongs to any.
 */
export function naiveWindows(
  input: readonly Event[],
  latenessMs: number,
  place: (open: OpenWindow[], key: string, at: number, value: number, isClosed: (end: number) => boolean) => boolean,
): Outcome {
  let open: OpenWindow[] = [];
  const firings: string[][] = [];
  const late: string[] = [];
  let watermark = Number.NEGATIVE_INFINITY;
  const isClosed = (end: number) => end + latenessMs <= watermark;
  for (const [value, event] of [...input, { watermark: Number.POSITIVE_INFINITY }].entries()) {
    if (!('watermark' in event)) {
      if (!place(open, event.key, event.at, value, isClosed)) late.push(`${event.key}@${event.at}`);
      continue;
    }
    if (event.watermark <= watermark) continue;
    watermark = event.watermark;
    const due = open.filter(({ end, changed }) => changed && end <= watermark);
    if (due.length > 0) firings.push(due.map(shownWindow).sort());
    for (const window of due) window.changed = false;
    open = open.filter(({ end }) => !isClosed(end));
  }
  return { firings, late };
}

function shownWindow({ key, start, end, values }: OpenWindow): string {
  const ordered = values.toSorted((a, b) => a - b);
  const total = values.reduce((sum, value) => sum + value, 0);
  return `${key}[${start},${end}) ${values.length} ${total} ${ordered[0]}`;
}

/** All windows of a size that begin at multiples of the slide (plus an offset) and hold the row's time. */
export function naiveHopping(input: readonly Event[], latenessMs: number, size: number, slide: number, offset: number) {
  return naiveWindows(input, latenessMs, (open, key, at, value, isClosed) => {
    let belongs = false;
    for (let start = Math.floor((at - offset) / slide) * slide + offset; start + size > at; start -= slide) {
      if (isClosed(start + size)) continue;
      belongs = true;
      const known = open.find((window) => window.key === key && window.start === start);
      if (known === undefined) open.push({ key, start, end: start + size, values: [value], changed: true });
      else {
        known.values.push(value);
        known.changed = true;
      }
    }
    return belongs;
  });
}

/** A row makes one session of itself and of those of its key that overlap it. */
export function naiveSessions(input: readonly Event[], latenessMs: number, gap: number) {
  return naiveWindows(input, latenessMs, (open, key, at, value, isClosed) => {
    const touched = open.filter((window) => window.key === key && at < window.end && window.start < at + gap);
    if (touched.length === 0 && isClosed(at + gap)) return false;
    for (const window of touched) open.splice(open.indexOf(window), 1);
    open.push({
      key,
      start: Math.min(at, ...touched.map(({ start }) => start)),
      end: Math.max(at + gap, ...touched.map(({ end }) => end)),
      values: [...touched.flatMap(({ values }) => values), value],
      changed: true,
    });
    return true;
  });
}
