import { type Batch, batchFromRows, defineSchema, float64, int32, timestamp } from '@sabot/columnar';
import type { Observability } from '@sabot/core-observability';
import { defineJob, forEachSink, instrumentStream, memorySource, Stream, startJob, tumbling } from '@sabot/stream';
import type { AddedCost, AddedCostMeter } from './cost-meter.js';
import { median } from './median.js';
import type { JobSetting } from './settings.js';

/** Enough that what a job costs once, at its start and its end, is little. */
const BATCHES = 160;
const schema = defineSchema({ key: int32(), at: timestamp('ms'), delay: float64(), distance: float64() });

/**
 * What a setting adds to a batch of a real job of six operators: source, filter, projection, tap, window, sink. The job runs with
 * and without `instrumentStream`, in turns; the result is the median of the differences.
 */
export async function openJobCost(open: () => Promise<JobSetting>, rows: number): Promise<AddedCostMeter> {
  const batches = Array.from({ length: BATCHES }, (_, n) => batchAt(n, rows));
  const setting = await open();
  const run = async (observability: Observability | undefined): Promise<number> => {
    const decorators = observability === undefined ? [] : [instrumentStream(observability)];
    const running = await startJob(sixOperators(batches, rows), { decorators });
    const begun = performance.now();
    await running.done;
    const tookMs = performance.now() - begun;
    await setting.settle();
    return (tookMs * 1000) / BATCHES;
  };
  return {
    async measure(rounds): Promise<AddedCost> {
      const bare: number[] = [];
      const added: number[] = [];
      for (let round = 0; round < rounds; round++) {
        // Bare, setting, setting, bare: a drift of the machine cancels.
        const before = await run(undefined);
        const [first, second] = [await run(setting.observability), await run(setting.observability)];
        const after = await run(undefined);
        bare.push((before + after) / 2);
        added.push((first + second - before - after) / 2);
      }
      const [bareMicros, addedMicros] = [median(bare), median(added)];
      const addedPercent = (100 * addedMicros) / bareMicros;
      return { bareMicros, addedMicros, addedPercent, addedNsPerRow: (addedMicros * 1000) / rows };
    },
    close: () => setting.close(),
  };
}

function sixOperators(batches: readonly Batch<typeof schema.fields>[], rows: number) {
  const windows = Stream.from(memorySource(schema, batches), { name: 'flights', eventTime: 'at', batchRows: rows })
    .filter((c) => c.delay.gt(-15))
    .tap(() => undefined, { name: 'seen' })
    .filter((c) => c.distance.gt(110))
    .keyBy('key')
    .window(tumbling({ sizeMs: 60_000 }))
    .aggregate((a) => ({ flights: a.count(), meanDelay: a.mean('delay') }), { name: 'minutes' });
  return defineJob('bench', [
    windows.to(
      forEachSink(() => undefined),
      { name: 'out' },
    ),
  ]);
}

function batchAt(batch: number, rows: number): Batch<typeof schema.fields> {
  const first = batch * rows;
  return batchFromRows(
    schema,
    Array.from({ length: rows }, (_, row) => ({
      key: (row * 31) % 300,
      at: first + row,
      delay: ((row * 7919) % 181) - 20,
      distance: 100 + ((row * 104_729) % 2400),
    })),
  );
}
