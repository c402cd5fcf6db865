import { isSabotError } from '@sabot/core-observability/errors';
import { type Clock, type CommitRegister, systemClock } from '@sabot/stream';
import type { CommitRecord } from '@sabot/stream/ports';
import { pause } from '../clock/pause.js';

export interface ReadBackOptions {
  /** How often an advance that had no effect is sent again; default 5. */
  readonly retries?: number;
  /** Before the first repetition, doubled each time; default 100 ms. */
  readonly backoffMs?: number;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/**
 * A register whose `advance` has one of two outcomes, also when the reply of the engine is lost: committed, or an error
 * after which nothing was committed by this call... unless the engine stays unreachable, in which case its last error is
 * thrown and the next owner's read tells.
 *
 * After a failure that does not say what happened the register is read back: this record → success; unchanged → the same
 * record is sent again with the same expectation; anything else → the original call was fenced.
 */
export function withReadBack(register: CommitRegister, options: ReadBackOptions = {}): CommitRegister {
  return {
    read: () => register.read(),
    advance: (record, expected) => advanceSurely(register, record, expected, options),
  };
}

async function advanceSurely(
  register: CommitRegister,
  record: CommitRecord,
  expected: number,
  options: ReadBackOptions,
): Promise<number> {
  const written = canonical(record);
  for (let attempt = 0; ; attempt++) {
    try {
      return await register.advance(record, expected);
    } catch (error) {
      // Also a fence may be our own earlier attempt, which has arrived after all.
      const found = await readOr(register, error, attempt === 0);
      if (found !== undefined && canonical(found.record) === written) return found.revision;
      if ((found?.revision ?? 0) !== expected || isFenced(error) || attempt >= (options.retries ?? 5)) throw error;
      await pause(options.clock ?? systemClock, (options.backoffMs ?? 100) * 2 ** attempt, options.signal);
      if (options.signal?.aborted === true) throw error;
    }
  }
}

async function readOr(register: CommitRegister, error: unknown, first: boolean): ReturnType<CommitRegister['read']> {
  // Fenced at once: nothing of ours was under way, there is nothing to find.
  if (first && isFenced(error)) throw error;
  try {
    return await register.read();
  } catch {
    throw error;
  }
}

function canonical(record: CommitRecord): string {
  return JSON.stringify(record, (_, value: unknown) => (isPlainObject(value) ? sorted(value) : value));
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isFenced(error: unknown): boolean {
  return isSabotError(error) && error.code === 'SABOT_STREAM_FENCED';
}
