import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineJob } from '../../src/plan/job.js';
import { startJob } from '../../src/runtime/start-job.js';
import { collectSink } from '../../src/sinks/memory-sinks.js';
import { Stream } from '../../src/surface/stream.js';
import { createSourceProbe } from '../../src/testing/source-probe.js';
import { createVirtualClock } from '../../src/testing/virtual-clock.js';
import { boundedDisorder } from '../../src/time/watermark-strategy.js';
import { hopping, session, type TimeWindow, tumbling } from '../../src/time/window-spec.js';
import { batch, naiveHopping, naiveSessions, schema } from '../operators/window-model.js';

const SPLITS = ['0', '1', '2'];
const rows = fc.array(
  fc.record({ key: fc.constantFrom('a', 'b'), at: fc.nat(80), split: fc.constantFrom(...SPLITS), cut: fc.boolean() }),
  { maxLength: 40 },
);
type Rows = typeof rows extends fc.Arbitrary<infer T> ? T : never;

const kinds = {
  tumbling: { window: tumbling({ sizeMs: 10 }), naive: (input: Rows) => naiveHopping(input, 0, 10, 10, 0) },
  hopping: { window: hopping({ sizeMs: 10, slideMs: 4 }), naive: (input: Rows) => naiveHopping(input, 0, 10, 4, 0) },
  session: { window: session({ gapMs: 6 }), naive: (input: Rows) => naiveSessions(input, 0, 6) },
};

/** Runs the rows through a job, spread over splits and cut into batches as they say. */
async function run(window: TimeWindow, input: Rows, maxDelayMs: number) {
  const probe = createSourceProbe(schema, { splits: SPLITS });
  for (const split of SPLITS) {
    let gathered: (readonly [string, number, number])[] = [];
    for (const { key, at, cut } of input.filter((row) => row.split === split)) {
      gathered.push([key, at, 1]);
      if (!cut) continue;
      probe.push(batch(...gathered), split);
      gathered = [];
    }
    if (gathered.length > 0) probe.push(batch(...gathered), split);
    probe.end(split);
  }
  const [results, late] = [collectSink(), collectSink()];
  const stream = Stream.from(probe, { name: 'in', eventTime: 'at', watermark: boundedDisorder({ maxDelayMs }) })
    .keyBy('key')
    .window(window)
    .aggregate((a) => ({ rows: a.count() }), { name: 'w' });
  const sinks = [stream.to(results as never, { name: 'out' }), stream.late.to(late as never, { name: 'late' })];
  const running = await startJob(defineJob('job', sinks), { clock: createVirtualClock() });
  const { rowsIn, lateRows } = await running.done;
  return { results: results.rows(), late: late.rows(), rowsIn, lateRows };
}

describe.each(Object.entries(kinds))('%s windows over several splits', (_, { window, naive }) => {
  it('do not depend on splits or cuts when no row is later than the watermark allows', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (input) => {
        const { results, lateRows } = await run(window, input, 100);
        const shown = results.map((row) => `${row['key']}[${row['windowStart']},${row['windowEnd']}) ${row['rows']}`);
        const expected = naive(input).firings.flat();
        expect(shown.sort()).toEqual(expected.map((row) => row.split(' ').slice(0, 2).join(' ')).sort());
        expect(lateRows).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('lose no row: each is late, and counted, or in a result', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (input) => {
        const { results, late, rowsIn, lateRows } = await run(window, input, 0);
        expect(rowsIn).toBe(input.length);
        expect(late).toHaveLength(lateRows);
        if (window.kind === 'hopping') return;
        const counted = results.reduce((sum, row) => sum + Number(row['rows']), 0);
        expect(counted + lateRows).toBe(input.length);
      }),
      { numRuns: 40 },
    );
  });
});
