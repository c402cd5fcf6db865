import { isSabotError } from '@sabot/core-observability/errors';
import type { CommitRegister } from '@sabot/stream';
import { pause } from '../clock/pause.js';
import { withReadBack } from '../engine/read-back.js';
import type { ClusterView } from '../protocol/cluster-view.js';
import { failureRecord } from '../protocol/failure-record.js';
import { type Placement, parseRecord, TASKS, type TaskRecord, type TaskState } from '../protocol/records.js';
import type { WorkerJournal } from './worker-events.js';
import type { ResolvedWorkerOptions, RunningTask, TaskRunner } from './worker-options.js';

export interface TaskSlotOptions {
  readonly worker: ResolvedWorkerOptions;
  readonly journal: WorkerJournal;
  readonly view: ClusterView;
  readonly session: string;
  readonly job: string;
  readonly task: string;
  readonly submission: number;
  readonly placement: Placement;
  readonly runner: TaskRunner;
}

type StartCause = 'first' | 'failover' | 'hand-over' | 'retry';
type Ending = { readonly outcome: 'finished' | 'released' | 'fenced' | 'failed' | 'lost'; readonly error?: unknown };

/**
 * One task on its way through this worker: claim, run, report.
 *
 * Correctness: claiming only keeps two workers from starting at the same time needlessly. What makes a second owner
 *   harmless is the commit register, which the runner advances before it does anything that others see.
 */
export class TaskSlot {
  readonly key: string;
  readonly placement: Placement;
  readonly submission: number;
  /** Resolves when the task has left this worker. Never rejects. */
  readonly ended: Promise<void>;
  phase: 'claiming' | 'running' | 'ended' = 'claiming';
  /** Of the slot's own commits; undefined before the first. */
  committedAtMs: number | undefined;
  private readonly options: TaskSlotOptions;
  private readonly stop = new AbortController();
  private readonly revoked = new AbortController();
  private running: RunningTask | undefined;
  private revision = 0;
  private failuresBefore = 0;
  private deadlineMs: number;
  private sessionLost = false;

  constructor(options: TaskSlotOptions) {
    this.options = options;
    this.key = `${options.job}/${options.task}`;
    this.placement = options.placement;
    this.submission = options.submission;
    this.deadlineMs = options.worker.timing.handOverMs;
    this.ended = this.live();
  }

  /** Lets the task finish its commit and give itself up; after the deadline it is aborted. */
  revoke(deadlineMs = this.deadlineMs): void {
    if (this.revoked.signal.aborted || this.phase === 'ended') return;
    this.deadlineMs = deadlineMs;
    this.revoked.abort();
    if (this.running !== undefined) void this.drain(this.running);
  }

  /** The session is dead: the task belongs to somebody else by now. */
  lose(): void {
    this.sessionLost = true;
    this.revoked.abort();
    this.stop.abort();
  }

  private async live(): Promise<void> {
    const { clock } = this.options.worker;
    const seenMs = clock.monotonicMs();
    const cause = await this.claim(seenMs);
    const claimedMs = clock.monotonicMs();
    const ending = cause === undefined ? undefined : await this.run(cause, claimedMs - seenMs, claimedMs);
    if (ending !== undefined) await this.report(ending);
    this.phase = 'ended';
  }

  /** Makes the task's record this worker's; undefined when it was revoked or decided anew before. */
  private async claim(seenMs: number): Promise<StartCause | undefined> {
    const { engine, clock, timing } = this.options.worker;
    while (!this.revoked.signal.aborted) {
      try {
        const held = await engine.coordination.get(TASKS + this.key);
        const before = held && parseRecord<TaskRecord>(held.key, held.value);
        // A later decision has been claimed already: this worker slept through its own revocation.
        if (before !== undefined && before.since > this.placement.since) return undefined;
        if (before !== undefined && this.mustWaitFor(before, clock.monotonicMs() - seenMs)) {
          await pause(clock, Math.min(50, timing.heartbeatMs / 4), this.revoked.signal);
          continue;
        }
        this.failuresBefore = before?.submission === this.options.submission ? before.failures : 0;
        const revision = await engine.coordination.put(TASKS + this.key, this.record('running'), held?.revision ?? 0);
        if (revision === undefined) continue;
        this.revision = revision;
        return this.causeOf(before);
      } catch {
        this.options.journal.stats.engineErrors++;
        await pause(clock, timing.heartbeatMs, this.revoked.signal);
      }
    }
    return undefined;
  }

  /** A live owner gets the time of a hand-over to release the task. */
  private mustWaitFor(before: TaskRecord, waitedMs: number): boolean {
    const { session, view, worker } = this.options;
    if (before.state !== 'running' || before.session === session) return false;
    return view.isLive(before.worker, before.session) && waitedMs < worker.timing.handOverMs;
  }

  private causeOf(before: TaskRecord | undefined): StartCause {
    if (before === undefined || before.submission !== this.options.submission) return 'first';
    if (before.state === 'failed') return 'retry';
    return before.state === 'running' && before.session !== this.options.session ? 'failover' : 'hand-over';
  }

  private async run(cause: StartCause, claimMs: number, claimedMs: number): Promise<Ending> {
    const { job, journal, placement, task, worker } = this.options;
    this.phase = 'running';
    try {
      this.running = await this.start();
      const startMs = worker.clock.monotonicMs() - claimedMs;
      journal.stats.tasksStarted++;
      const { since: generation, attempt } = placement;
      journal.tell({ kind: 'task-started', job, task, generation, attempt, cause, claimMs, startMs });
      if (this.revoked.signal.aborted) void this.drain(this.running);
      const { state } = await this.untilStopped(this.running.done);
      return { outcome: state === 'finished' ? 'finished' : 'released' };
    } catch (error) {
      if (this.sessionLost) return { outcome: 'lost', error };
      if (isSabotError(error) && error.code === 'SABOT_STREAM_FENCED') return { outcome: 'fenced', error };
      return this.revoked.signal.aborted && this.stop.signal.aborted
        ? { outcome: 'released', error }
        : { outcome: 'failed', error };
    }
  }

  private start(): Promise<RunningTask> {
    const { job, placement, runner, session, task, worker } = this.options;
    const { engine, clock, name } = worker;
    return runner({
      job,
      task,
      owner: `${name}:${session}`,
      generation: placement.since,
      attempt: placement.attempt,
      register: this.noting(withReadBack(engine.register(job, task), { clock, signal: this.stop.signal })),
      snapshots: engine.snapshots,
      log: engine.log,
      signal: this.stop.signal,
    });
  }

  private noting(register: CommitRegister): CommitRegister {
    return {
      read: () => register.read(),
      advance: async (record, expected) => {
        const revision = await register.advance(record, expected);
        this.committedAtMs = this.options.worker.clock.monotonicMs();
        return revision;
      },
    };
  }

  /** The outcome; or, for a task that does not even end when aborted, a cancellation after a grace of one heartbeat. */
  private untilStopped(done: RunningTask['done']): RunningTask['done'] {
    const { clock, timing } = this.options.worker;
    return new Promise((resolve, reject) => {
      done.then(resolve, reject);
      const giveUp = (): void => void clock.schedule(timing.heartbeatMs, () => resolve({ state: 'cancelled' }));
      if (this.stop.signal.aborted) giveUp();
      else this.stop.signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  private async drain(running: RunningTask): Promise<void> {
    const { clock } = this.options.worker;
    const cancel = clock.schedule(this.deadlineMs, () => this.stop.abort());
    // A failed drain shows in `done`; the deadline ends it in any case.
    await running.drain({ deadlineMs: this.deadlineMs }).catch(() => undefined);
    await this.running?.done.catch(() => undefined);
    cancel();
  }

  private async report(ending: Ending): Promise<void> {
    const { job, journal, task } = this.options;
    this.count(ending);
    const errorCode = ending.error === undefined ? undefined : failureRecord(ending.error).code;
    journal.tell({ kind: 'task-ended', job, task, outcome: ending.outcome, errorCode });
    if (ending.outcome === 'lost') return;
    const state = ending.outcome === 'fenced' ? 'failed' : ending.outcome;
    await this.store(this.record(state, ending.error));
  }

  /** Until it is stored or somebody else has claimed the task: an outcome that nobody learns of would stop the job. */
  private async store(record: string): Promise<void> {
    const { engine, clock, timing } = this.options.worker;
    while (!this.sessionLost) {
      try {
        const revision = await engine.coordination.put(TASKS + this.key, record, this.revision);
        if (revision !== undefined) return;
        const held = await engine.coordination.get(TASKS + this.key);
        // Not ours any more; or ours already, and only the reply was lost.
        if (
          held === undefined ||
          held.value === record ||
          parseRecord<TaskRecord>(held.key, held.value).session !== this.options.session
        )
          return;
        this.revision = held.revision;
      } catch (error) {
        this.options.journal.stats.engineErrors++;
        if (isSabotError(error) && error.code === 'SABOT_CLUSTER_ENGINE_CLOSED') return;
        await pause(clock, timing.heartbeatMs, this.stop.signal.aborted ? undefined : this.stop.signal);
      }
    }
  }

  private count({ outcome }: Ending): void {
    const { stats } = this.options.journal;
    if (outcome === 'finished') stats.tasksFinished++;
    else if (outcome === 'released') stats.tasksReleased++;
    else if (outcome === 'fenced') stats.tasksFenced++;
    else if (outcome === 'failed') stats.tasksFailed++;
  }

  private record(state: TaskState, error?: unknown): string {
    const { job, placement, session, submission, task, worker } = this.options;
    const record: TaskRecord = {
      job,
      task,
      submission,
      worker: worker.name,
      session,
      since: placement.since,
      state,
      failures: this.failuresBefore + (state === 'failed' ? 1 : 0),
      ...(error === undefined || state !== 'failed' ? {} : { failure: failureRecord(error) }),
      changedAtMs: worker.clock.now(),
    };
    return JSON.stringify(record);
  }
}
