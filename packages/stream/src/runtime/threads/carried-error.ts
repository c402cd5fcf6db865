import { isSabotError, SabotError } from '@sabot/core-observability/errors';
import { streamErrors } from '../../errors.js';
import { adopt } from '../attribution.js';
import type { CarriedError } from './thread-protocol.js';

/** An error as it can go to another thread. */
export function carryError(error: unknown): CarriedError {
  if (!(error instanceof Error)) return { message: String(error), stack: undefined, sabot: undefined };
  const { message } = error;
  if (!isSabotError(error)) return { message, stack: stackOf(error), sabot: undefined };
  const { code, kind, what, why, remedy, facts } = error;
  return { message, stack: stackOf(error), sabot: { code, kind, what, why, remedy, facts: { ...facts } } };
}

/** What the other thread failed with: the same code and facts, and the stack of where it happened. */
export function uncarriedError(carried: CarriedError, thread: number): SabotError {
  const { sabot, message, stack } = carried;
  if (sabot === undefined) return threadFailed(thread, message, withStack(new Error(message), stack));
  const { code, kind, what, why, remedy, facts } = sabot;
  return adopt(withStack(new SabotError(code, kind, { what, why, remedy, facts: { ...facts, thread } }), stack));
}

/** A thread that ended, or could not begin, for a reason of its own. */
export function threadFailed(thread: number, why: string, cause?: unknown): SabotError {
  return adopt(
    streamErrors.error('THREAD_FAILED', { what: `thread ${thread} of a job failed`, why, cause, facts: { thread } }),
  );
}

/** With the causes underneath, which would be lost otherwise. */
function stackOf(error: Error): string | undefined {
  const { cause } = error;
  return cause instanceof Error ? `${error.stack}\n[cause]: ${stackOf(cause)}` : error.stack;
}

function withStack<E extends Error>(error: E, stack: string | undefined): E {
  if (stack !== undefined) error.stack = stack;
  return error;
}
