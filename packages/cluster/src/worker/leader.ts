import type { Clock } from '@sabot/stream';
import type { Coordination } from '../engine/engine.js';
import { type AssignmentPlan, currentRecord, isExhausted, planAssignment } from '../placement/plan-assignment.js';
import type { ClusterView, Versioned } from '../protocol/cluster-view.js';
import {
  ASSIGNMENTS_KEY,
  JOBS,
  type JobRecord,
  LEADER_KEY,
  type LeaderRecord,
  type TaskRecord,
} from '../protocol/records.js';
import type { WorkerTiming } from '../protocol/timing.js';
import { placeWork } from '../work/place-work.js';
import type { WorkerJournal } from './worker-events.js';

export interface LeaderOptions {
  readonly worker: string;
  readonly session: () => string;
  readonly coordination: Coordination;
  readonly clock: Clock;
  readonly timing: WorkerTiming;
  readonly journal: WorkerJournal;
}

/**
 * What the one worker does that holds the leader's key: decide who runs what, and publish it.
 * Its death stops re-assignment until another is elected, never processing. Everything it writes is a compare-and-set
 * against what it has seen, so a leader that was replaced without knowing it can spoil nothing.
 */
export class Leader {
  private readonly options: LeaderOptions;
  /** When each failure (`job/task@since`) was first seen here: the start of its back-off. */
  private readonly failuresSeen = new Map<string, number>();
  private joinedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: LeaderOptions) {
    this.options = options;
  }

  /** A new session has appeared. */
  memberJoined(nowMs: number): void {
    this.joinedAtMs = nowMs;
  }

  isLeader(view: ClusterView): boolean {
    return view.leader?.record.session === this.options.session();
  }

  /** Takes the leader's key if its holder's session is dead. */
  async elect(view: ClusterView): Promise<void> {
    const { coordination, journal, worker } = this.options;
    const held = view.leader;
    const session = this.options.session();
    if (held !== undefined && view.isLive(held.record.worker, held.record.session)) return;
    if (!view.isLive(worker, session)) return;
    const record: LeaderRecord = { worker, session, term: (held?.record.term ?? 0) + 1 };
    const revision = await coordination.put(LEADER_KEY, JSON.stringify(record), held?.revision ?? 0);
    if (revision !== undefined) journal.tell({ kind: 'elected', term: record.term });
  }

  async lead(view: ClusterView): Promise<void> {
    if (!this.isLeader(view)) return this.failuresSeen.clear();
    await this.closeJobs(view);
    await this.assign(view);
    await placeWork(view, this.options.coordination);
  }

  async abdicate(view: ClusterView): Promise<void> {
    if (this.isLeader(view)) await this.options.coordination.delete(LEADER_KEY, view.leader?.revision);
  }

  private async assign(view: ClusterView): Promise<void> {
    const { clock, coordination, journal, timing } = this.options;
    const startedMs = clock.monotonicMs();
    const settled = startedMs - this.joinedAtMs > timing.joinDebounceMs;
    const plan = planAssignment(view, {
      mayMove: settled && isQuiet(view),
      mayRetry: (key, record) => this.hasWaited(key, record, startedMs),
    });
    if (plan === undefined) return;
    const revision = await coordination.put(ASSIGNMENTS_KEY, JSON.stringify(plan.record), view.assignments.revision);
    if (revision === undefined) {
      journal.stats.assignmentConflicts++;
      return;
    }
    journal.stats.generationsPublished++;
    this.tellAssigned(plan, clock.monotonicMs() - startedMs);
  }

  private tellAssigned(plan: AssignmentPlan, durationMs: number): void {
    const { placed, failedOver, moved, removed } = plan;
    this.options.journal.tell({
      kind: 'assigned',
      generation: plan.record.generation,
      placed,
      failedOver,
      moved,
      removed,
      durationMs,
    });
  }

  private hasWaited(key: string, record: TaskRecord, nowMs: number): boolean {
    const id = `${key}@${record.since}`;
    const seenMs = this.failuresSeen.get(id);
    if (seenMs === undefined) {
      this.failuresSeen.set(id, nowMs);
      return false;
    }
    if (nowMs - seenMs < this.options.timing.retryBackoffMs * 2 ** (record.failures - 1)) return false;
    this.failuresSeen.delete(id);
    return true;
  }

  private async closeJobs(view: ClusterView): Promise<void> {
    for (const { record: job, revision } of view.jobs.values()) {
      const closed = job.state === 'submitted' ? closedRecord(view, job) : undefined;
      if (closed !== undefined) await this.options.coordination.put(JOBS + job.job, JSON.stringify(closed), revision);
    }
  }
}

/** The job's record when nothing is left to run, or when one of its tasks is beyond help. */
function closedRecord(view: ClusterView, job: JobRecord): JobRecord | undefined {
  let finished = 0;
  for (const task of job.tasks) {
    const record = currentRecord(view, job, `${job.job}/${task}`);
    if (record?.state === 'finished') finished++;
    if (record === undefined || !isExhausted(job, record)) continue;
    return { ...job, state: 'failed', ...(record.failure === undefined ? {} : { failure: record.failure }) };
  }
  return finished === job.tasks.length ? { ...job, state: 'finished' } : undefined;
}

/** Whether every assigned task runs where it is assigned: no hand-over is under way. */
function isQuiet(view: ClusterView): boolean {
  return Object.entries(view.assignments.record.tasks).every(([key, placement]) => {
    const task: Versioned<TaskRecord> | undefined = view.tasks.get(key);
    return task !== undefined && task.record.since === placement.since && task.record.state === 'running';
  });
}
