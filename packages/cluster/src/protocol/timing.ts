import { clusterErrors } from '../errors.js';

/** The protocol's intervals; every worker of a cluster uses the same. */
export interface WorkerTiming {
  /** Between two heartbeats; default 1000 ms. */
  readonly heartbeatMs: number;
  /** How long others watch an unchanged session before they expire it; default 6000 ms, at least three heartbeats. */
  readonly sessionTimeoutMs: number;
  /** A worker that has not seen its own heartbeat come back for this long expires nobody; default 2.5 heartbeats. */
  readonly freezeAfterMs: number;
  /** How long no running task is moved after a worker joined; default 3000 ms. */
  readonly joinDebounceMs: number;
  /** How long a new owner waits for a live one to release a task; default 5000 ms. */
  readonly handOverMs: number;
  /** Before a failed task is tried again, doubled with each failure; default 1000 ms. */
  readonly retryBackoffMs: number;
}

export const DEFAULT_TIMING: WorkerTiming = {
  heartbeatMs: 1000,
  sessionTimeoutMs: 6000,
  freezeAfterMs: 2500,
  joinDebounceMs: 3000,
  handOverMs: 5000,
  retryBackoffMs: 1000,
};

/** Fills in defaults and checks that the intervals fit together. */
export function resolveTiming(given: Partial<WorkerTiming> = {}): WorkerTiming {
  const heartbeatMs = given.heartbeatMs ?? DEFAULT_TIMING.heartbeatMs;
  const derived = { ...DEFAULT_TIMING, freezeAfterMs: 2.5 * heartbeatMs };
  const timing: WorkerTiming = { ...derived, ...given };
  for (const [name, value] of Object.entries(timing)) {
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0)
      throw refused(name, value, 'it must be a positive number of milliseconds');
  }
  if (timing.sessionTimeoutMs < 3 * timing.heartbeatMs) {
    throw refused(
      'sessionTimeoutMs',
      timing.sessionTimeoutMs,
      `it must be at least three heartbeats (${3 * timing.heartbeatMs} ms), or one late heartbeat ends a session`,
    );
  }
  if (timing.freezeAfterMs >= timing.sessionTimeoutMs) {
    throw refused(
      'freezeAfterMs',
      timing.freezeAfterMs,
      `it must be less than sessionTimeoutMs (${timing.sessionTimeoutMs} ms), or an outage of the engine looks like the death of everyone`,
    );
  }
  return timing;
}

function refused(name: string, value: unknown, why: string): Error {
  return clusterErrors.error('OPTIONS_INVALID', { what: `cannot use timing.${name} = ${String(value)}`, why });
}
