import type { StateStore } from '../../src/store/state-store.js';

/** Numbers in [0, 1) from a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    const again = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((again ^ (again >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Change {
  readonly key: string;
  /** Undefined: deleted. */
  readonly value: string | undefined;
}

/** What the process of the crash test writes in an epoch: known to the process and to the test. */
export function changesOf(epoch: number): readonly Change[] {
  const random = randomFrom(epoch);
  return Array.from({ length: 40 + Math.floor(random() * 200) }, () => {
    const key = `key-${Math.floor(random() * 500)}`;
    return { key, value: random() < 0.3 ? undefined : `${epoch}:${random()}` };
  });
}

/** The state after an epoch. */
export function contentAfter(epoch: number): ReadonlyMap<string, string> {
  const content = new Map<string, string>();
  for (let done = 1; done <= epoch; done++) {
    for (const { key, value } of changesOf(done)) {
      if (value === undefined) content.delete(key);
      else content.set(key, value);
    }
  }
  return content;
}

export function apply(store: StateStore, epoch: number): void {
  for (const { key, value } of changesOf(epoch)) {
    if (value === undefined) store.delete(Buffer.from(key));
    else store.put(Buffer.from(key), Buffer.from(value));
  }
}

/** The commit record of the crash test. */
export interface CrashRecord {
  readonly epoch: number;
  readonly chain: readonly { readonly epoch: number; readonly name: string }[];
}
