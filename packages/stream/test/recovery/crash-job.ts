import { setImmediate, setTimeout } from 'node:timers/promises';
import { type Batch, batchOf, defineSchema, float64, timestamp, utf8 } from '@sabot/columnar';
import { float64Codec, valueState } from '@sabot/state';
import { defineJob, type Job } from '../../src/plan/job.js';
import type { Sink } from '../../src/ports/sink.js';
import type { Polled, Source } from '../../src/ports/source.js';
import { Stream } from '../../src/surface/stream.js';
import { boundedDisorder } from '../../src/time/watermark-strategy.js';
import { tumbling } from '../../src/time/window-spec.js';

export const inputSchema = defineSchema({ key: utf8(), at: timestamp('ms'), value: float64() });
export const countSchema = defineSchema({ key: utf8(), at: timestamp('ms'), count: float64() });

const BATCHES = 30;
const ROWS = 7;
const WINDOW_MS = 50;
const DISORDER_MS = 30;

export interface InputRow {
  readonly key: string;
  readonly at: number;
  readonly value: number;
}

/** The rows of one batch: the same for the same seed, source, split and number. */
export function rowsAt(seed: number, source: string, split: string, index: number): readonly InputRow[] {
  let word = (seed * 7919 + index * 104729 + source.charCodeAt(0) * 31 + split.charCodeAt(0)) >>> 0;
  const random = () => {
    word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
    return word / 4294967296;
  };
  return Array.from({ length: ROWS }, () => ({
    key: `k${Math.floor(random() * 4)}`,
    at: index * 20 + Math.floor(random() * DISORDER_MS),
    value: Math.floor(random() * 100),
  }));
}

const splitsOf: Readonly<Record<string, readonly string[]>> = { left: ['0', '1'], right: ['0'] };

/** Every row of the input, in no particular order. */
export function allRows(seed: number): readonly InputRow[] {
  return Object.entries(splitsOf).flatMap(([source, splits]) =>
    splits.flatMap((split) => Array.from({ length: BATCHES }, (_, index) => rowsAt(seed, source, split, index)).flat()),
  );
}

function generated(seed: number, source: string, paceMs: number): Source<typeof inputSchema.fields> {
  return {
    name: source,
    schema: inputSchema,
    bounded: true,
    splits: async () => (splitsOf[source] ?? []).map((id) => ({ id })),
    async read(split, position) {
      let next = Number(position?.['next'] ?? 0);
      return {
        async poll(): Promise<Polled> {
          await (paceMs > 0 ? setTimeout(paceMs) : setImmediate());
          if (next === BATCHES) return { kind: 'end' };
          return { kind: 'batch', batch: batchFrom(rowsAt(seed, source, split.id, next)), position: { next: ++next } };
        },
        close: async () => undefined,
      };
    },
  };
}

function batchFrom(rows: readonly InputRow[]): Batch {
  return batchOf(inputSchema, {
    key: rows.map(({ key }) => key),
    at: rows.map(({ at }) => at),
    value: rows.map(({ value }) => value),
  });
}

export interface CrashJobOptions {
  readonly seed: number;
  readonly windows: Sink;
  readonly counts: Sink;
  /** Called with every batch in the middle of the graph: throws where a crash is wanted. */
  readonly onBatch?: () => void;
  /** Time that each batch takes to be read; default the next turn of the event loop. */
  readonly paceMs?: number;
}

/** Two sources united (barriers have to be aligned), then keyed windows, and a running count with state and timers. */
export function crashJob({ seed, windows, counts, onBatch, paceMs = 0 }: CrashJobOptions): Job {
  const from = (source: string) =>
    Stream.from(generated(seed, source, paceMs), {
      name: source,
      eventTime: 'at',
      watermark: boundedDisorder({ maxDelayMs: DISORDER_MS }),
    });
  const united = from('left')
    .union([from('right')], { name: 'united' })
    .tap(() => onBatch?.(), { name: 'crash' });
  const byKey = united.keyBy('key');
  const sums = byKey
    .window(tumbling({ sizeMs: WINDOW_MS }))
    .aggregate((a) => ({ rows: a.count(), total: a.sum('value') }), { name: 'sums' });
  const counted = byKey.process({
    name: 'counted',
    output: countSchema,
    state: { count: valueState(float64Codec, { initial: () => 0 }) },
    onRow({ key, at }, { state, emit, timer }) {
      const count = state.count.get() + 1;
      state.count.set(count);
      emit({ key, at: 0, count });
      timer.eventTime((Math.floor(at / 100) + 1) * 100);
    },
    onTimer: (timeMs, { key }, { emit }) => emit({ key, at: timeMs, count: -1 }),
  });
  return defineJob('crash', [
    sums.to(windows as Sink<(typeof sums)['schema']['fields']>, { name: 'windows' }),
    counted.to(counts as Sink<typeof countSchema.fields>, { name: 'counts' }),
  ]);
}

/** What both sinks have to hold in the end, as sorted lines: computed from the input alone. */
export function expectedOutput(seed: number): {
  readonly windows: readonly string[];
  readonly counts: readonly string[];
} {
  const windows = new Map<string, { rows: number; total: number }>();
  const counts = new Map<string, number>();
  const timers = new Set<string>();
  for (const { key, at, value } of allRows(seed)) {
    const id = `${key} ${Math.floor(at / WINDOW_MS) * WINDOW_MS}`;
    const window = windows.get(id) ?? { rows: 0, total: 0 };
    windows.set(id, { rows: window.rows + 1, total: window.total + value });
    counts.set(key, (counts.get(key) ?? 0) + 1);
    timers.add(`${key} ${(Math.floor(at / 100) + 1) * 100} -1`);
  }
  const running = [...counts].flatMap(([key, count]) => Array.from({ length: count }, (_, at) => `${key} 0 ${at + 1}`));
  return {
    windows: [...windows].map(([id, { rows, total }]) => `${id} ${rows} ${total}`).sort(),
    counts: [...running, ...timers].sort(),
  };
}

type Row = Readonly<Record<string, unknown>>;

export const windowLine = (row: Row) => `${row['key']} ${row['windowStart']} ${row['rows']} ${row['total']}`;
export const countLine = (row: Row) => `${row['key']} ${row['at']} ${row['count']}`;
