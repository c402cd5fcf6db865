import type { Sample } from '../suite/suite.js';

/** The middle value, or the mean of the two middle ones; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The median of every fact that the samples carry. */
export function medianFacts(samples: readonly Sample[]): Record<string, number> {
  const names = new Set(samples.flatMap(({ facts = {} }) => Object.keys(facts)));
  const valuesOf = (name: string) => samples.flatMap(({ facts }) => facts?.[name] ?? []);
  return Object.fromEntries([...names].map((name) => [name, median(valuesOf(name))]));
}

/** How many times better a value is than the baseline's: 2 is twice the throughput, or half the time. */
export function ratioTo(baseline: number, value: number, better: 'higher' | 'lower'): number | null {
  const ratio = better === 'higher' ? value / baseline : baseline / value;
  return Number.isFinite(ratio) ? ratio : null;
}
