import { isSabotError } from '@sabot/core-observability/errors';
import { streamErrors } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import type { CommitRecord, CommitRegister } from '../ports/commit-register.js';

const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 50;

/**
 * Advances a register so that the outcome is known: after an ambiguous failure (a timeout, a lost connection) the
 * register is read back. Mine: it had succeeded. Unchanged: the same record again with the same expectation.
 * Anything else: somebody else owns the task. Resolves with the new revision; fails with `SABOT_STREAM_FENCED` or
 * `…_CHECKPOINT_FAILED`.
 */
export async function advanceRegister(
  register: CommitRegister,
  record: CommitRecord,
  expected: number,
  clock: Clock,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await register.advance(record, expected);
    } catch (error) {
      if (isFenced(error)) throw error;
      const settled = await readBack(register, record, expected, error, attempt);
      if (settled !== undefined) return settled;
      await pause(clock, FIRST_PAUSE_MS * 2 ** (attempt - 1));
    }
  }
}

/** The revision if the record turns out to be written, undefined if another attempt is in order. */
async function readBack(
  register: CommitRegister,
  record: CommitRecord,
  expected: number,
  error: unknown,
  attempt: number,
): Promise<number | undefined> {
  try {
    const current = await register.read();
    if (current !== undefined && isSame(current.record, record)) return current.revision;
    if ((current?.revision ?? 0) !== expected) throw fenced(record);
  } catch (failure) {
    if (isFenced(failure)) throw failure;
  }
  if (attempt < ATTEMPTS) return undefined;
  throw streamErrors.error('CHECKPOINT_FAILED', {
    what: `cannot commit epoch ${record.epoch} of job "${record.job}"`,
    why: `the register failed ${attempt} times: ${error instanceof Error ? error.message : String(error)}`,
    cause: error,
  });
}

/** An owner that starts twice writes two records of one epoch: only the attempt tells them apart. */
function isSame(read: CommitRecord, mine: CommitRecord): boolean {
  return read.owner === mine.owner && read.epoch === mine.epoch && read.attempt === mine.attempt;
}

function fenced(record: CommitRecord) {
  return streamErrors.error('FENCED', {
    what: `cannot commit epoch ${record.epoch} of job "${record.job}"`,
    why: 'another owner has advanced the register',
    facts: { epoch: record.epoch },
  });
}

/** Whether an error says that another owner runs the task. */
export function isFenced(error: unknown): boolean {
  return isSabotError(error) && error.code === streamErrors.code('FENCED');
}

function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => void clock.schedule(delayMs, resolve));
}
