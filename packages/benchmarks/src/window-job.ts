/** The job of the suite `runtime`: a module of its own, because every thread imports it. */
import { boundedDisorder, defineJob, forEachSink, hopping, type Job, Stream } from '@sabot/stream';
import { type GeneratedEvents, generatedEvents } from './suites/runtime/generated-events.js';

export interface WindowJobOptions extends GeneratedEvents {
  readonly batchRows: number;
}

/** Count, mean and maximum per key and hopping window of 10 s by 2 s, events generated on the way. */
export function windowJob({ batchRows, ...generated }: WindowJobOptions): Job {
  const windows = Stream.from(generatedEvents(generated), {
    name: 'events',
    eventTime: 'at',
    watermark: boundedDisorder({ maxDelayMs: 0 }),
    batchRows,
  })
    .withColumns((c) => ({ cents: c.value.mul(100) }), { name: 'cents' })
    .keyBy('key')
    .window(hopping({ sizeMs: 10_000, slideMs: 2000 }))
    .aggregate((a) => ({ events: a.count(), mean: a.mean('cents'), most: a.max('value') }), { name: 'windows' });
  return defineJob('windows', [
    windows.to(
      forEachSink(() => undefined),
      { name: 'results' },
    ),
  ]);
}
