import { streamErrors } from '../errors.js';
import type { Clock } from '../ports/clock.js';

/** How often something that failed is tried again, and after how long. */
export interface RetryOptions {
  /** Tries in all, the first one included. */
  readonly attempts: number;
  /** Before the second try, milliseconds; it doubles with each further one. Default 100. */
  readonly backoffMs?: number;
  /** No wait is longer; default 30,000. */
  readonly maxBackoffMs?: number;
}

/** A checked `RetryOptions` with its defaults. */
export interface Backoff {
  readonly attempts: number;
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
}

/** Fails with `SABOT_STREAM_OPTION_INVALID`. Without options nothing is tried twice. */
export function backoffOf(options: RetryOptions | undefined): Backoff {
  const { attempts = 1, backoffMs = 100, maxBackoffMs = 30_000 } = options ?? {};
  for (const [name, value, least] of [
    ['attempts', attempts, 1],
    ['backoffMs', backoffMs, 0],
    ['maxBackoffMs', maxBackoffMs, 0],
  ] as const) {
    if (Number.isSafeInteger(value) && value >= least) continue;
    throw streamErrors.error('OPTION_INVALID', {
      what: `cannot retry with ${name} ${value}`,
      why: `it must be a whole number, at least ${least}`,
    });
  }
  return { attempts, backoffMs, maxBackoffMs };
}

/** How long to wait after the n-th failure, milliseconds. */
export function backoffMs({ backoffMs, maxBackoffMs }: Backoff, failures: number): number {
  return Math.min(maxBackoffMs, backoffMs * 2 ** (failures - 1));
}

/** Resolves after this long by the clock, or when the signal is aborted. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const ended = () => {
      cancel();
      signal.removeEventListener('abort', ended);
      resolve();
    };
    const cancel = clock.schedule(delayMs, ended);
    signal.addEventListener('abort', ended, { once: true });
  });
}

/**
 * The outcome of the work; `late()` is thrown when it takes longer by the clock, and the reason of `outer` when that is
 * aborted. Work that is given up is told by its signal, and what becomes of it then is nobody's failure.
 */
export function withTimeout<V>(
  clock: Clock,
  timeoutMs: number | undefined,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<V>,
  late: () => unknown,
): Promise<V> {
  const abort = new AbortController();
  return new Promise<V>((resolve, reject) => {
    const settled = () => {
      cancel();
      outer.removeEventListener('abort', outerAborted);
    };
    const giveUp = (reason: unknown) => {
      settled();
      reject(reason);
      abort.abort(reason);
    };
    const outerAborted = () => giveUp(outer.reason);
    const cancel = timeoutMs === undefined ? () => undefined : clock.schedule(timeoutMs, () => giveUp(late()));
    outer.addEventListener('abort', outerAborted, { once: true });
    if (outer.aborted) return outerAborted();
    work(abort.signal).then(
      (value) => {
        settled();
        resolve(value);
      },
      (error: unknown) => {
        settled();
        reject(error);
      },
    );
  });
}
