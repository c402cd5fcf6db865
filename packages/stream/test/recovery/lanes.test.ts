import { afterEach, describe, expect, it, vi } from 'vitest';
import { InputGate } from '../../src/runtime/input-gate.js';
import { expectedOutput } from './crash-job.js';
import { runThroughCrashes, world, wrongSeeds } from './crash-world.js';

/** More of them with SABOT_TEST_RUNS: what a nightly run takes. */
const SEEDS = Number(process.env['SABOT_TEST_RUNS'] ?? 8);

afterEach(() => vi.restoreAllMocks());

describe('a job in lanes that is stopped anywhere and started again', () => {
  it.each([2, 3, 5])(
    'ends with the output of a run without crashes, in %i lanes',
    { timeout: 120_000 },
    async (lanes) => {
      let crashed = 0;
      for (let seed = 1; seed <= SEEDS; seed++) {
        const made = world(seed, { lanes });
        crashed += await runThroughCrashes(seed, made);
        expect(made.output(), `seed ${seed}`).toEqual(expectedOutput(seed));
      }
      expect(crashed).toBeGreaterThan(SEEDS);
    },
  );

  it('does not, when barriers are not aligned: the test above can fail', { timeout: 60_000 }, async () => {
    interface Gate {
      readonly channels: readonly { readonly size: number }[];
      readable(at: number): boolean;
    }
    const gate = InputGate.prototype as unknown as Gate;
    vi.spyOn(gate, 'readable').mockImplementation(function (this: Gate, at) {
      return (this.channels[at]?.size ?? 0) > 0;
    });
    expect(await wrongSeeds((seed) => world(seed, { lanes: 3 }))).toBeGreaterThan(0);
  });

  it('is refused in another number of lanes than its state is kept in', async () => {
    const made = world(1, { lanes: 3 });
    await (await made.attempt()).drain();
    const other = world(1, { lanes: 2, store: made.store });
    await expect(other.attempt()).rejects.toMatchObject({ code: 'SABOT_STREAM_LANES_FIXED' });
  });
});
