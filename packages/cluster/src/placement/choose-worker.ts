import type { PlacementStrategy } from '../protocol/records.js';

/** A worker that may take one more. */
export interface Candidate {
  readonly worker: string;
  readonly capacity: number;
  /** What it holds now, tasks and work alike. */
  readonly load: number;
}

export interface Choice {
  readonly strategy: PlacementStrategy;
  /** Decides ties and randomness, so that the same state always gives the same choice. */
  readonly seed: string;
  /** ROUND_ROBIN goes on after this worker. */
  readonly after: string | undefined;
}

/**
 * The worker that the strategy takes, or undefined when all are full.
 *
 * - `LEAST_LOADED`: the lowest share of its capacity in use; of equals, the first by name.
 * - `ROUND_ROBIN`: the next by name after the one chosen last that is not full.
 * - `WEIGHTED_RANDOM`: drawn with the free capacities as weights, from a generator seeded by the thing to be placed.
 */
export function chooseWorker(candidates: readonly Candidate[], choice: Choice): Candidate | undefined {
  const free = candidates.filter((c) => c.load < c.capacity).sort((a, b) => (a.worker < b.worker ? -1 : 1));
  switch (choice.strategy) {
    case 'LEAST_LOADED':
      return leastLoaded(free);
    case 'ROUND_ROBIN':
      return free.find((c) => choice.after === undefined || c.worker > choice.after) ?? free[0];
    case 'WEIGHTED_RANDOM':
      return drawn(free, choice.seed);
  }
}

function leastLoaded(free: readonly Candidate[]): Candidate | undefined {
  let best: Candidate | undefined;
  for (const candidate of free) {
    if (best === undefined || candidate.load / candidate.capacity < best.load / best.capacity) best = candidate;
  }
  return best;
}

function drawn(free: readonly Candidate[], seed: string): Candidate | undefined {
  const total = free.reduce((sum, c) => sum + c.capacity - c.load, 0);
  let point = unitOf(seed) * total;
  for (const candidate of free) {
    point -= candidate.capacity - candidate.load;
    if (point < 0) return candidate;
  }
  return free.at(-1);
}

/** A number in [0, 1) from a text: 32-bit FNV-1a with the finaliser of MurmurHash3. */
function unitOf(seed: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}
