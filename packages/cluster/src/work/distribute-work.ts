import { randomBytes } from 'node:crypto';
import type { Engine } from '../engine/engine.js';
import { checkName } from '../engine/keys.js';
import { clusterErrors } from '../errors.js';
import { describeFailure, failureError } from '../protocol/failure-record.js';
import { type PlacementStrategy, parseRecord, WORK, type WorkRecord } from '../protocol/records.js';

export interface DistributeOptions {
  /** Which executor of the workers does it. */
  readonly kind: string;
  /** Any JSON value; default null. */
  readonly input?: unknown;
  /** How the leader chooses the worker; default `LEAST_LOADED`. */
  readonly strategy?: PlacementStrategy;
  /** Tries before it has failed; a try that its worker's death cut short counts. Default 3. */
  readonly maxAttempts?: number;
  /** The same id gives the same work: a caller that repeats itself does not have it done twice. Default random. */
  readonly id?: string;
  /** W3C traceparent of the caller. */
  readonly trace?: string;
}

/** A piece of work that was handed in. */
export interface DistributedWork {
  readonly id: string;
  /**
   * The executor's result, accepted exactly once. Rejects with `SABOT_CLUSTER_WORK_FAILED`, `SABOT_CLUSTER_WORK_CANCELLED`,
   * or `SABOT_CLUSTER_WORK_UNKNOWN` when it was forgotten meanwhile.
   */
  result(options?: { readonly signal?: AbortSignal }): Promise<unknown>;
  /** True when it was cancelled before it ended. */
  cancel(): Promise<boolean>;
  /** Removes the record of ended work; a result not taken by then is gone. */
  forget(): Promise<void>;
}

/**
 * Hands one-off work to the cluster; durable when it resolves. A worker that knows the kind executes it once under a
 * fence: it may be tried again after a failure or a worker's death, but only one result is ever accepted.
 */
export async function distributeWork(engine: Engine, options: DistributeOptions): Promise<DistributedWork> {
  const record = newRecord(options);
  await engine.coordination.put(WORK + record.id, JSON.stringify(record), 0);
  // An existing record is the same work handed in before: its result serves both callers.
  return workHandle(engine, record.id);
}

/** The handle of work handed in before, by its id. */
export function workHandle(engine: Engine, id: string): DistributedWork {
  checkName('kind of work', id);
  const key = WORK + id;
  return {
    id,
    result: (options) => resultOf(engine, id, options?.signal),
    cancel: () => cancel(engine, key),
    forget: async () => {
      const held = await engine.coordination.get(key);
      if (held !== undefined && hasEnded(parseRecord<WorkRecord>(key, held.value)))
        await engine.coordination.delete(key, held.revision);
    },
  };
}

function newRecord(options: DistributeOptions): WorkRecord {
  checkName('kind of work', options.kind);
  const maxAttempts = options.maxAttempts ?? 3;
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1) {
    throw clusterErrors.error('OPTIONS_INVALID', {
      what: `cannot distribute work with maxAttempts = ${maxAttempts}`,
      why: 'it must be a whole number of at least 1',
    });
  }
  return {
    id: options.id ?? randomBytes(8).toString('hex'),
    kind: options.kind,
    strategy: options.strategy ?? 'LEAST_LOADED',
    state: 'submitted',
    input: options.input ?? null,
    attempt: 1,
    maxAttempts,
    submittedAtMs: Date.now(),
    ...(options.trace === undefined ? {} : { trace: options.trace }),
  };
}

async function resultOf(engine: Engine, id: string, given: AbortSignal | undefined): Promise<unknown> {
  const key = WORK + id;
  if ((await engine.coordination.get(key)) === undefined) throw unknownWork(id);
  const watching = new AbortController();
  const signal = given === undefined ? watching.signal : AbortSignal.any([watching.signal, given]);
  try {
    for await (const change of engine.coordination.watch(key, signal)) {
      if (change.key !== key) continue;
      if (change.value === undefined) throw unknownWork(id);
      const record = parseRecord<WorkRecord>(key, change.value);
      if (record.state === 'done') return record.result;
      if (record.state === 'failed') throw failed(record);
      if (record.state === 'cancelled')
        throw clusterErrors.error('WORK_CANCELLED', { what: `work ${id} has no result`, why: 'it was cancelled' });
    }
  } finally {
    watching.abort();
  }
  given?.throwIfAborted();
  throw clusterErrors.error('ENGINE_CLOSED', { what: `cannot wait for work ${id}`, why: 'the engine was closed' });
}

async function cancel(engine: Engine, key: string): Promise<boolean> {
  for (;;) {
    const held = await engine.coordination.get(key);
    if (held === undefined) return false;
    const record = parseRecord<WorkRecord>(key, held.value);
    if (hasEnded(record)) return false;
    const cancelled: WorkRecord = { ...record, state: 'cancelled' };
    if ((await engine.coordination.put(key, JSON.stringify(cancelled), held.revision)) !== undefined) return true;
  }
}

function hasEnded({ state }: WorkRecord): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

function failed({ attempt, failure, id, kind }: WorkRecord): Error {
  return clusterErrors.error('WORK_FAILED', {
    what: `work ${id} (${kind}) failed`,
    why: failure === undefined ? `it was tried ${attempt} times` : describeFailure(failure),
    ...(failure?.remedy ? { remedy: failure.remedy } : {}),
    ...(failure === undefined ? {} : { cause: failureError(failure) }),
    facts: { attempts: attempt, cause: failure?.code ?? 'unknown' },
  });
}

function unknownWork(id: string): Error {
  return clusterErrors.error('WORK_UNKNOWN', {
    what: `there is no work ${id}`,
    why: 'it was never handed in, or was forgotten',
  });
}
