import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CommitRegister } from '../../src/ports/commit-register.js';
import { InputGate } from '../../src/runtime/input-gate.js';
import { expectedOutput } from './crash-job.js';
import { crashes, runThroughCrashes, world, wrongSeeds } from './crash-world.js';

/** More of them with SABOT_TEST_RUNS: what a nightly run takes. */
const SEEDS = Number(process.env['SABOT_TEST_RUNS'] ?? 24);

afterEach(() => vi.restoreAllMocks());

describe('a job that is stopped anywhere and started again', () => {
  it(`ends with the output of a run without crashes, for ${SEEDS} seeds`, { timeout: 120_000 }, async () => {
    let crashed = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const made = world(seed);
      crashed += await runThroughCrashes(seed, made);
      expect(made.output(), `seed ${seed}`).toEqual(expectedOutput(seed));
    }
    expect(crashed).toBeGreaterThan(SEEDS);
  });

  it('does not, when barriers are not aligned: the test above can fail', { timeout: 60_000 }, async () => {
    interface Gate {
      readonly channels: readonly { readonly size: number }[];
      readable(input: number): boolean;
    }
    const gate = InputGate.prototype as unknown as Gate;
    vi.spyOn(gate, 'readable').mockImplementation(function (this: Gate, input) {
      return (this.channels[input]?.size ?? 0) > 0;
    });
    expect(await wrongSeeds((seed) => world(seed))).toBeGreaterThan(0);
  });

  it('does not, when sources are not set back to their committed positions', { timeout: 60_000 }, async () => {
    const forgetful = (register: CommitRegister): CommitRegister => ({
      read: async () => {
        const read = await register.read();
        return read && { ...read, record: { ...read.record, positions: {}, watermarks: {} } };
      },
      advance: (record, expected) => register.advance(record, expected),
    });
    expect(await wrongSeeds((seed) => world(seed, { wrap: forgetful }))).toBeGreaterThan(0);
  });
});

describe('a job with two owners', () => {
  const duel = async (seed: number, wrap?: (register: CommitRegister) => CommitRegister) => {
    const made = world(seed, wrap === undefined ? {} : { wrap });
    const older = await made.attempt();
    const random = crashes(seed);
    for (let turns = Math.floor(random() * 60); turns > 0; turns--)
      await new Promise((resolve) => setImmediate(resolve));
    const newer = await made.attempt();
    const outcomes = await Promise.allSettled([older.done, newer.done]);
    return { made, outcomes };
  };

  it('commits every epoch of one of them only', { timeout: 60_000 }, async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const { made, outcomes } = await duel(seed);
      expect(made.output(), `seed ${seed}`).toEqual(expectedOutput(seed));
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'SABOT_STREAM_FENCED' });
      }
    }
  });

  it('does not, when the register does not compare: the test above can fail', { timeout: 60_000 }, async () => {
    const careless = (register: CommitRegister): CommitRegister => ({
      read: () => register.read(),
      advance: async (record) => register.advance(record, (await register.read())?.revision ?? 0),
    });
    let wrong = 0;
    for (let seed = 1; seed <= 40 && wrong === 0; seed++) {
      const { made } = await duel(seed, careless);
      if (JSON.stringify(made.output()) !== JSON.stringify(expectedOutput(seed))) wrong++;
    }
    expect(wrong).toBeGreaterThan(0);
  });
});
