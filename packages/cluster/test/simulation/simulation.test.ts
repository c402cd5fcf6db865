import { describe, expect, it } from 'vitest';
import { type Mutation, simulate } from './simulation.js';

/** SABOT_TEST_RUNS=10000 for a night. */
const SEEDS = Number(process.env['SABOT_TEST_RUNS'] ?? 25);

describe('simulated cluster', () => {
  it('commits every input exactly once, finishes, and expires nobody who is well, whatever the seed', {
    timeout: 600_000,
  }, async () => {
    const broken: string[] = [];
    const total = { commits: 0, fenced: 0, expired: 0, kills: 0, pauses: 0, outages: 0 };
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { facts, violations } = await simulate(seed);
      if (violations.length > 0) broken.push(`seed ${seed}: ${violations[0]}`);
      for (const [name, value] of Object.entries(facts)) total[name as keyof typeof total] += value;
    }
    expect(broken).toEqual([]);
    // The seeds must really have made trouble, or the rule above says nothing.
    for (const [name, value] of Object.entries(total)) expect(value, name).toBeGreaterThan(SEEDS / 20);
  });

  it.each<Mutation>(['no-compare-and-set', 'no-freeze'])('notices %s', { timeout: 600_000 }, async (mutation) => {
    let noticed = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      if ((await simulate(seed, mutation)).violations.length > 0) noticed++;
    }
    expect(noticed).toBeGreaterThan(0);
  });

  it('gives the same run for the same seed', async () => {
    const [first, second] = [await simulate(7), await simulate(7)];
    expect(first.trace.length).toBeGreaterThan(40);
    expect(first).toEqual(second);
  });
});
