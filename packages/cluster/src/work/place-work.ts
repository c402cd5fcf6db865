import type { Coordination } from '../engine/engine.js';
import { type Candidate, chooseWorker } from '../placement/choose-worker.js';
import type { ClusterView } from '../protocol/cluster-view.js';
import type { FailureRecord } from '../protocol/failure-record.js';
import { WORK, type WorkRecord } from '../protocol/records.js';

/** Gives waiting work to workers, and takes it back from dead ones; called by the leader. */
export async function placeWork(view: ClusterView, coordination: Coordination): Promise<void> {
  const candidates = candidatesOf(view);
  let last: string | undefined;
  for (const { record, revision } of [...view.work.values()].sort((a, b) => a.revision - b.revision)) {
    const waiting = withoutDeadOwner(view, record);
    if (waiting === undefined) continue;
    const next = waiting.state === 'failed' ? waiting : assigned(waiting, candidates, last);
    if (next === undefined || next === record) continue;
    if (next.state === 'assigned') last = next.worker;
    await coordination.put(WORK + record.id, JSON.stringify(next), revision);
  }
}

/** The record if it waits for a worker: newly submitted, or its owner is dead (then with one attempt more, or failed). */
function withoutDeadOwner(view: ClusterView, record: WorkRecord): WorkRecord | undefined {
  if (record.state === 'submitted') return record;
  if (record.state !== 'assigned' && record.state !== 'running') return undefined;
  if (view.isLive(record.worker, record.session)) return undefined;
  // Work that was given but never begun has not been tried.
  const attempt = record.state === 'running' ? record.attempt + 1 : record.attempt;
  if (attempt <= record.maxAttempts) return { ...record, state: 'submitted', attempt };
  return { ...record, state: 'failed', failure: workerDied(record) };
}

function assigned(
  record: WorkRecord,
  candidates: readonly (Candidate & Held)[],
  last: string | undefined,
): WorkRecord | undefined {
  const able = candidates.filter(({ kinds }) => kinds.includes(record.kind));
  const chosen = chooseWorker(able, { strategy: record.strategy, seed: `${record.id}#${record.attempt}`, after: last });
  const candidate = able.find(({ worker }) => worker === chosen?.worker);
  if (candidate === undefined) return undefined;
  candidate.load++;
  return { ...record, state: 'assigned', worker: candidate.worker, session: candidate.session };
}

interface Held {
  readonly session: string;
  readonly kinds: readonly string[];
  load: number;
}

function candidatesOf(view: ClusterView): readonly (Candidate & Held)[] {
  const active = [...view.members.values()].filter(({ record }) => record.state === 'active');
  return active.map(({ record }) => ({
    worker: record.worker,
    session: record.session,
    capacity: record.capacity,
    kinds: record.work,
    load: loadOf(view, record.session),
  }));
}

function loadOf(view: ClusterView, session: string): number {
  let load = Object.values(view.assignments.record.tasks).filter((placement) => placement.session === session).length;
  for (const { record } of view.work.values()) {
    if (record.session === session && (record.state === 'assigned' || record.state === 'running')) load++;
  }
  return load;
}

function workerDied(record: WorkRecord): FailureRecord {
  return {
    code: 'WORKER_DIED',
    usage: false,
    what: `worker "${record.worker}" died`,
    why: `it was doing this work for the ${record.attempt}. time`,
    remedy: '',
  };
}
