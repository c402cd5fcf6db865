import { readFileSync } from 'node:fs';
import { batchOf, defineSchema, float64, timestamp, utf8 } from '@sabot/columnar';
import { float64Codec, valueState } from '@sabot/state';
import { describe, expect, it } from 'vitest';
import { collectSink, defineJob, memorySource, Stream, startJob } from '../../src/index.js';
import { checkChangelogs } from '../../src/testing/changelog-checker.js';
import { boundedDisorder, count, global, hopping, session, tumbling } from '../../src/windows.js';

/** The examples of docs/guides/time-and-windows.md, run. */
const schema = defineSchema({ sensor: utf8(), at: timestamp('ms'), value: float64() });
const readings = memorySource(schema, [
  batchOf(schema, { sensor: ['a', 'a', 'b'], at: [1_000, 66_000, 2_000], value: [1, 2, 10] }),
  batchOf(schema, { sensor: ['a', 'a'], at: [130_000, 3_000], value: [4, 8] }),
]);
const stream = Stream.from(readings, {
  name: 'readings',
  eventTime: 'at',
  watermark: boundedDisorder({ maxDelayMs: 5_000 }),
});

async function run(...sinks: Parameters<typeof defineJob>[1]) {
  await (await startJob(defineJob('guide', sinks), { decorators: [checkChangelogs()] })).done;
}

describe('the guide to time and windows', () => {
  it('has windows per minute, and what came too late', async () => {
    const perMinute = stream
      .keyBy('sensor')
      .window(tumbling({ sizeMs: 60_000 }))
      .aggregate((a) => ({ readings: a.count(), mean: a.mean('value') }), { name: 'per-minute' });
    const results = collectSink();
    const late = collectSink();
    await run(perMinute.to(results, { name: 'results' }), perMinute.late.to(late, { name: 'late' }));
    expect(results.rows().map((row) => [row['sensor'], row['windowStart'], row['readings'], row['mean']])).toEqual([
      ['a', 0, 1n, 1],
      ['b', 0, 1n, 10],
      ['a', 60_000, 1n, 2],
      ['a', 120_000, 1n, 4],
    ]);
    expect(late.rows()).toEqual([{ sensor: 'a', at: 3_000, value: 8 }]);
  });

  it('has every kind of window', async () => {
    const bySensor = stream.keyBy('sensor');
    const trailing = bySensor.window(hopping({ sizeMs: 60_000, slideMs: 10_000 })).aggregate((a) => ({ n: a.count() }));
    const visits = bySensor.window(session({ gapMs: 30_000 })).aggregate((a) => ({ n: a.count() }));
    const lastTwo = bySensor.window(count({ rows: 2, everyRows: 1 })).aggregate((a) => ({ mean: a.mean('value') }));
    const total = stream.window(global()).aggregate((a) => ({ sum: a.sum('value') }));
    const sinks = [trailing, visits, lastTwo, total].map(() => collectSink());
    await run(
      ...[trailing, visits, lastTwo, total].map((one, i) =>
        (one as unknown as Stream).to(sinks[i] as never, { name: `s${i}` }),
      ),
    );
    expect(sinks[3]?.rows()).toEqual([{ sum: 25 }]);
    expect(sinks[2]?.rows()).toHaveLength(7);
  });

  it('has results that are corrected', async () => {
    const corrected = stream
      .keyBy('sensor')
      .window(tumbling({ sizeMs: 60_000 }), { allowedLatenessMs: 3_600_000, results: 'retracting' })
      .aggregate((a) => ({ sum: a.sum('value') }));
    const changes = collectSink();
    await run(corrected.to(changes, { name: 'changes' }));
    const kinds = ['+I', '-U', '+U', '-D'];
    const first = changes.rows().filter((row) => row['sensor'] === 'a' && row['windowStart'] === 0);
    expect(first.map((row) => `${kinds[Number(row['$change'])]} ${row['sum']}`)).toEqual(['+I 1', '-U 1', '+U 9']);
  });

  it('has a result each second while a window is open', async () => {
    const live = stream
      .keyBy('sensor')
      .window(tumbling({ sizeMs: 3_600_000 }), { early: { everyMs: 1_000 } })
      .aggregate((a) => ({ sum: a.sum('value') }));
    const results = collectSink();
    await run(live.to(results, { name: 'results' }));
    expect(results.rows().at(-1)).toMatchObject({ sensor: 'b', sum: 10 });
  });

  it('has a watch on silence', async () => {
    const silent = defineSchema({ sensor: utf8(), since: timestamp('ms') });
    const alarms = stream.keyBy('sensor').process({
      name: 'silence',
      output: silent,
      state: { last: valueState(float64Codec, { initial: () => 0 }) },
      onRow(_row, { state, timer, timeMs }) {
        timer.cancelEventTime(state.last.get() + 60_000);
        state.last.set(timeMs);
        timer.eventTime(timeMs + 60_000);
      },
      onTimer(_timeMs, { sensor }, { state, emit }) {
        emit({ sensor, since: state.last.get() });
      },
    });
    const results = collectSink();
    await run(alarms.to(results, { name: 'results' }));
    expect(results.rows().map((row) => row['sensor'])).toContain('b');
  });

  it('shows just what is run here', () => {
    const flat = (text: string) => text.replaceAll(/\s+/g, ' ');
    const here = flat(readFileSync(new URL(import.meta.url), 'utf8'));
    const guide = readFileSync(new URL('../../../../docs/guides/time-and-windows.md', import.meta.url), 'utf8');
    const examples = [...guide.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => flat(code as string).trim());
    expect(examples.length).toBeGreaterThanOrEqual(6);
    for (const example of examples) expect(here).toContain(example);
  });
});
