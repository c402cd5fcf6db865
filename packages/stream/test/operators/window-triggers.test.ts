import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hopping, session, tumbling } from '../../src/time/window-spec.js';
import { naiveTriggered, runTriggered, TICK_MS, type TriggeredEvent, type Triggers } from './triggered-model.js';

const windows = fc.oneof(
  fc
    .record({ sizeMs: fc.integer({ min: 1, max: 15 }), offsetMs: fc.integer({ min: -7, max: 7 }) })
    .map((options) => tumbling(options)),
  fc
    .tuple(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 15 }), fc.integer({ min: -7, max: 7 }))
    .map(([a, b, offsetMs]) => hopping({ sizeMs: Math.max(a, b), slideMs: Math.min(a, b), offsetMs })),
  fc.integer({ min: 1, max: 12 }).map((gapMs) => session({ gapMs })),
);
const triggers: fc.Arbitrary<Triggers> = fc.record({
  window: windows,
  latenessMs: fc.integer({ min: 0, max: 20 }),
  results: fc.constantFrom('accumulating', 'discarding', 'retracting'),
  early: fc.constantFrom(undefined, { everyMs: TICK_MS }, { everyRows: 1 }, { everyRows: 3 }),
  late: fc.constantFrom('per-watermark', 'per-row'),
  keyed: fc.boolean(),
});
const row = fc.record({ key: fc.constantFrom('a', 'b', 'c'), at: fc.integer({ min: -30, max: 30 }) });
const events: fc.Arbitrary<TriggeredEvent[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: row },
    { weight: 1, arbitrary: fc.record({ watermark: fc.integer({ min: -40, max: 40 }) }) },
    { weight: 1, arbitrary: fc.constant({ tick: true as const }) },
  ),
  { maxLength: 50 },
);
const cuts = fc.record({ batchRows: fc.integer({ min: 1, max: 6 }), restartAt: fc.nat(50) });

describe('firings of windows', () => {
  it('equal a row-by-row model for every kind, trigger, result mode, lateness, cut into batches and restart, and are valid changes', async () => {
    await fc.assert(
      fc.asyncProperty(triggers, events, cuts, async (chosen, input, cut) => {
        const { steps, late } = naiveTriggered(chosen, input);
        expect(await runTriggered(chosen, input, cut)).toEqual({ steps, late });
      }),
      { numRuns: Number(process.env['SABOT_TEST_RUNS'] ?? 200) },
    );
  }, 60_000);

  it('gives a session that has come out and is bridged the values of the row that came first', async () => {
    const chosen = {
      window: session({ gapMs: 5 }),
      latenessMs: 0,
      results: 'discarding',
      early: { everyRows: 3 },
      late: 'per-watermark',
      keyed: false,
    } as const;
    // The session of the first three comes out; the fourth begins another before the fifth comes to what is left of it.
    const input = [-4, -4, -4, 1, -4, 0].map((at) => ({ key: 'a', at }));
    const { steps, late } = naiveTriggered(chosen, input);
    for (const batchRows of [1, 6])
      expect(await runTriggered(chosen, input, { batchRows, restartAt: 0 })).toEqual({ steps, late });
  });
});
