import { type Batch, batchFromRows, defineSchema, int32, timestamp } from '@sabot/columnar';
import { defineJob, forEachSink, memorySource, Stream, startJob, tumbling } from '@sabot/stream';
import type { Contender, Suite } from '../../suite/suite.js';

const ROWS = 200_000;
const BATCH_ROWS = 8192;
const WINDOW_MS = 1000;
const schema = defineSchema({ key: int32(), at: timestamp('ms') });
type Row = { readonly key: number; readonly at: number };

function rows(): Row[] {
  return Array.from({ length: ROWS }, (_, i) => ({ key: (i * 7919) % 300, at: i }));
}

const sabot: Contender = {
  name: 'sabot',
  async open() {
    const all: Batch<typeof schema.fields> = batchFromRows(schema, rows());
    return {
      async sample() {
        const counts = Stream.from(memorySource(schema, [all]), { eventTime: 'at', batchRows: BATCH_ROWS })
          .keyBy('key')
          .window(tumbling({ sizeMs: WINDOW_MS }))
          .aggregate((a) => ({ count: a.count() }));
        const started = performance.now();
        await (await startJob(defineJob('counts', [counts.to(forEachSink(() => undefined))]))).done;
        return { value: (ROWS / (performance.now() - started)) * 1000 };
      },
    };
  },
};

const loop: Contender = {
  name: 'for await',
  async open() {
    const all = rows();
    async function* source(): AsyncGenerator<Row> {
      yield* all;
    }
    return {
      async sample() {
        const started = performance.now();
        const counts = new Map<string, number>();
        for await (const { key, at } of source()) {
          const group = `${key}/${Math.floor(at / WINDOW_MS)}`;
          counts.set(group, (counts.get(group) ?? 0) + 1);
        }
        return { value: (ROWS / (performance.now() - started)) * 1000 };
      },
    };
  },
};

const rxjs: Contender = {
  name: 'rxjs',
  requires: 'rxjs',
  peer: true,
  async open() {
    const { from, lastValueFrom, scan } = await import('rxjs');
    const all = rows();
    return {
      async sample() {
        const started = performance.now();
        const counts = from(all).pipe(
          scan((counted, { key, at }) => {
            const group = `${key}/${Math.floor(at / WINDOW_MS)}`;
            return counted.set(group, (counted.get(group) ?? 0) + 1);
          }, new Map<string, number>()),
        );
        await lastValueFrom(counts);
        return { value: (ROWS / (performance.now() - started)) * 1000 };
      },
    };
  },
};

/** Whole programs, row by row and in columns. */
export const streamSuite: Suite = {
  name: 'stream',
  what: 'Whole streaming programs on one core.',
  cases: [
    {
      name: 'count per key and second',
      what: 'Counts 200,000 rows of 300 keys per second; rows are in memory before the clock starts.',
      unit: 'events/s',
      better: 'higher',
      baseline: 'for await',
      contenders: [sabot, rxjs, loop],
    },
  ],
};
