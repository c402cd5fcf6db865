import { setTimeout } from 'node:timers/promises';
import { type Batch, createBatch, makeColumn } from '@sabot/columnar';
import { defineJob, forEachSink, monotonic, type Source, Stream, startJob, tumbling } from '@sabot/stream';
import type { Polled } from '@sabot/stream/ports';
import type { BenchmarkCase } from '../../suite/suite.js';
import { type EventFields, eventSchema } from './generated-events.js';

const SECONDS = 5;
const BATCH_ROWS = 1000;
const BATCH_MS = 10;
const WINDOW_MS = 50;

/** 100,000 rows a second, in batches of 1000; `leftAtMs` says when each batch left. */
function pacedSource(leftAtMs: number[]): Source<EventFields> {
  return {
    name: 'paced',
    schema: eventSchema,
    bounded: true,
    splits: async () => [{ id: '0' }],
    async read() {
      const startedMs = performance.now();
      return {
        async poll(): Promise<Polled> {
          const number = leftAtMs.length;
          if (number * BATCH_MS >= SECONDS * 1000) return { kind: 'end' };
          const waitMs = startedMs + number * BATCH_MS - performance.now();
          if (waitMs > 0) await setTimeout(waitMs);
          leftAtMs.push(performance.now());
          return { kind: 'batch', batch: batchAt(number), position: { number } };
        },
        close: async () => undefined,
      };
    },
  };
}

function batchAt(number: number): Batch<EventFields> {
  const at = new Int32Array(2 * BATCH_ROWS);
  const key = new Int32Array(BATCH_ROWS);
  for (let row = 0; row < BATCH_ROWS; row++) {
    at[2 * row] = number * BATCH_MS + Math.floor((row * BATCH_MS) / BATCH_ROWS);
    key[row] = row % 100;
  }
  const columns = [
    makeColumn(eventSchema.fields.key, BATCH_ROWS, { values: key }),
    makeColumn(eventSchema.fields.at, BATCH_ROWS, { values: at }),
    makeColumn(eventSchema.fields.value, BATCH_ROWS, { values: new Float64Array(BATCH_ROWS) }),
  ];
  return createBatch(eventSchema, columns, BATCH_ROWS);
}

/** From the batch that moved time past a window's end to the window's rows at the sink, milliseconds, by result batch. */
async function latencies(): Promise<number[]> {
  const leftAtMs: number[] = [];
  const measured: number[] = [];
  const counts = Stream.from(pacedSource(leftAtMs), { name: 'paced', eventTime: 'at', watermark: monotonic() })
    .keyBy('key')
    .window(tumbling({ sizeMs: WINDOW_MS }))
    .aggregate((a) => ({ rows: a.count() }), { name: 'counts' });
  const sink = forEachSink<(typeof counts)['schema']['fields']>((batch) => {
    const endMs = (batch.column('windowEnd').values as Int32Array)[0] as number;
    const closedBy = leftAtMs[endMs / BATCH_MS];
    // The last windows come out at the end of the input, behind no further batch.
    if (closedBy !== undefined) measured.push(performance.now() - closedBy);
  });
  await (await startJob(defineJob('latency', [counts.to(sink)]))).done;
  return measured.sort((a, b) => a - b);
}

export const rowToWindow: BenchmarkCase = {
  name: 'row to window',
  what: `100,000 rows a second in batches of ${BATCH_ROWS}: p99 from the row that closes a window of ${WINDOW_MS} ms to its result at the sink.`,
  unit: 'ms',
  better: 'lower',
  baseline: 'sabot',
  references: { promised: 10 },
  contenders: [
    {
      name: 'sabot',
      open: async () => ({
        async sample() {
          const measured = await latencies();
          const at = (part: number) => measured[Math.floor((measured.length - 1) * part)] as number;
          return { value: at(0.99), facts: { p50Ms: at(0.5), maxMs: at(1), windows: measured.length } };
        },
      }),
    },
  ],
};
