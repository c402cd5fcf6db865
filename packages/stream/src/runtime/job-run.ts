import { CheckpointCoordinator, type CommitTarget } from '../checkpoints/coordinator.js';
import { EpochCollector } from '../checkpoints/epoch-parts.js';
import type { Recovery } from '../checkpoints/recovery.js';
import type { Clock } from '../ports/clock.js';
import type { JobState, JobStatus, LiveJob } from '../ports/live-job.js';
import type { WatermarkExplanation } from '../ports/watermark-explanation.js';
import { attribute } from './attribution.js';
import { explainWatermark } from './explain-watermark.js';
import { fairTurns } from './fair-turns.js';
import { operatorStatuses, totalsOf } from './job-status.js';
import type { InstanceFacts } from './lanes/instance-facts.js';
import { LaneGroup } from './lanes/lane-group.js';
import type { LanePlan } from './lanes/lane-plan.js';
import type { LaneLinks } from './lanes/lane-wiring.js';
import type { OpenParts } from './open-parts.js';
import {
  DEFAULT_TURN_MS,
  type DrainOptions,
  type JobResult,
  memoryShare,
  type StartJobOptions,
} from './task-options.js';
import type { LaneThread } from './threads/lane-thread.js';

/** Steps under way get this long to end when a job stops; what still waits then is left to the abort signal. */
const QUIET_DEADLINE_MS = 1000;

/** A job that has been started. */
export interface RunningJob extends LiveJob {
  /** How it ended; rejects with the coded error that failed it. */
  readonly done: Promise<JobResult>;
  /**
   * Why an operator's windows, or the one with this end, have not come out: names the split and the operator that hold
   * its watermark back. Fails with `SABOT_STREAM_PLAN_INVALID` for an operator that the job does not have.
   *
   * @example
   * console.log(running.explainWatermark('hourly').sentence);
   */
  explainWatermark(operator: string, windowEndMs?: number): WatermarkExplanation;
  /** Stops the sources, lets what is under way through, commits, and ends; after the deadline, cancels. */
  drain(options?: DrainOptions): Promise<JobResult>;
  /** Ends at once; nothing further is committed. */
  cancel(): Promise<JobResult>;
}

export interface JobRunParts {
  readonly plan: LanePlan;
  readonly options: StartJobOptions;
  readonly clock: Clock;
  readonly owner: string;
  readonly abort: AbortController;
  /** Of the lanes on this thread. */
  readonly parts: OpenParts;
  readonly links: LaneLinks & { start(): void; close(): void };
  /** The other threads, opened and waiting. */
  readonly threads: readonly LaneThread[];
  readonly recovery: Recovery | undefined;
  readonly target: CommitTarget | undefined;
}

/** Runs a connected job until it finishes, is drained, cancelled, or fails. */
export class JobRun implements RunningJob {
  readonly job: string;
  readonly done: Promise<JobResult>;
  private readonly run: JobRunParts;
  private readonly lanes: LaneGroup;
  private readonly coordinator: CheckpointCoordinator;
  private readonly startedAtMs: number;
  private readonly startedMs: number;
  private readonly registrations: { remove(): void }[] = [];
  private readonly cancels = new Set<() => void>();
  private state: JobState = 'running';
  private error: unknown;
  /** Instances of sources that have not come to their end. */
  private reading: number;
  private endedMs: number | undefined;
  private ending = false;
  private resolve!: (result: JobResult) => void;
  private reject!: (error: unknown) => void;

  constructor(run: JobRunParts) {
    this.run = run;
    this.job = run.plan.plan.job;
    this.reading = sourceInstances(run.plan);
    this.startedAtMs = run.clock.now();
    this.startedMs = run.clock.monotonicMs();
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // A failure that nobody has asked about yet must not take the process down; `status()` shows it.
    this.done.catch(() => undefined);
    const collector = new EpochCollector(run.plan.instances);
    const decorators = run.options.decorators ?? [];
    const events = {
      onSourceExhausted: () => this.sourceExhausted(),
      onFailure: (error: unknown) => void this.settle('failed', error),
    };
    this.lanes = new LaneGroup({
      plan: run.plan,
      links: run.links,
      parts: run.parts,
      clock: run.clock,
      signal: run.abort.signal,
      collector,
      decorators,
      channelBytes: run.options.channelBytes,
      channelRows: run.options.channelRows,
      turns: run.options.turns ?? fairTurns(run.options.turnMs ?? DEFAULT_TURN_MS),
      memoryBytes: memoryShare(run.options, run.threads.length + 1),
      ...events,
    });
    run.links.start();
    for (const thread of run.threads) thread.attach({ collector, ...events });
    this.coordinator = new CheckpointCoordinator({
      plan: run.plan.plan,
      lanes: run.plan.lanes,
      clock: run.clock,
      collector,
      target: run.target,
      owner: run.owner,
      start: run.recovery,
      decorators,
      inject: (epoch, final) => {
        for (const thread of run.threads) thread.inject(epoch, final);
        this.lanes.inject(epoch, final);
      },
      commitSink: (id, prepared) => this.lanes.commitSink(id, prepared),
    });
  }

  start(): void {
    for (const decorator of this.run.options.decorators ?? []) {
      const registration = decorator.job?.(this);
      if (registration !== undefined) this.registrations.push(registration);
    }
    const { signal } = this.run.options;
    if (signal !== undefined) {
      const cancel = () => void this.cancel();
      signal.addEventListener('abort', cancel, { once: true });
      this.cancels.add(() => signal.removeEventListener('abort', cancel));
    }
    this.scheduleCheckpoint();
    for (const thread of this.run.threads) thread.start();
    this.lanes.start();
    if (signal?.aborted === true) void this.cancel();
  }

  status(): JobStatus {
    return {
      job: this.job,
      state: this.state,
      startedAtMs: this.startedAtMs,
      epoch: this.coordinator.epoch,
      operators: operatorStatuses(this.run.plan, this.facts, this.elapsedMs),
      lastCheckpoint: this.coordinator.last,
      checkpoints: this.coordinator.committed,
      error: this.error,
    };
  }

  explainWatermark(operator: string, windowEndMs?: number): WatermarkExplanation {
    return explainWatermark(this.run.plan.plan, this.facts, operator, windowEndMs);
  }

  async drain(options: DrainOptions = {}): Promise<JobResult> {
    if (this.state === 'running') {
      this.state = 'draining';
      const cancelDeadline = this.later(options.deadlineMs ?? 10_000, () => void this.cancel());
      if (!this.ending) void this.finishDraining();
      void this.done.finally(cancelDeadline).catch(() => undefined);
    }
    return this.done;
  }

  async cancel(): Promise<JobResult> {
    await this.settle('cancelled');
    return this.done;
  }

  private async finishDraining(): Promise<void> {
    for (const thread of this.run.threads) thread.stopReading();
    this.lanes.stopReading();
    try {
      // Before the ordered inputs are read no barrier comes through, so nothing more can be committed.
      if (this.orderedInputsPending) return await this.settle('cancelled');
      await this.coordinator.take(false);
      await this.settle('drained');
    } catch (error) {
      await this.settle('failed', error);
    }
  }

  private sourceExhausted(): void {
    this.reading--;
    if (this.reading > 0 || this.state !== 'running') return;
    this.ending = true;
    this.coordinator.take(true).then(
      () => this.settle('finished'),
      (error: unknown) => this.settle('failed', error),
    );
  }

  private scheduleCheckpoint(): void {
    const intervalMs = this.run.options.checkpoint?.intervalMs;
    if (intervalMs === undefined || this.run.target === undefined) return;
    this.later(intervalMs, () => {
      if (this.state !== 'running' || this.ending) return;
      // A barrier behind an input that is not read yet would never come out: wait for the ordered inputs first.
      if (this.orderedInputsPending) return this.scheduleCheckpoint();
      this.coordinator.take(false).then(
        () => this.scheduleCheckpoint(),
        (error: unknown) => this.settle('failed', error),
      );
    });
  }

  private get orderedInputsPending(): boolean {
    return this.lanes.ordering || this.run.threads.some(({ ordering }) => ordering);
  }

  /** A timer that ends with the job. */
  private later(delayMs: number, callback: () => void): () => void {
    const cancel = this.run.clock.schedule(delayMs, () => {
      this.cancels.delete(cancel);
      callback();
    });
    this.cancels.add(cancel);
    return () => {
      cancel();
      this.cancels.delete(cancel);
    };
  }

  private settling = false;

  private async settle(state: 'finished' | 'drained' | 'cancelled' | 'failed', error?: unknown): Promise<void> {
    if (this.settling) return;
    this.settling = true;
    this.lanes.stop();
    const threads = this.run.threads.map((thread) => thread.close(state === 'finished'));
    this.endedMs = this.run.clock.monotonicMs();
    for (const cancel of this.cancels) cancel();
    this.run.abort.abort();
    await this.quiet();
    const closings = [await this.lanes.close(state === 'finished'), ...(await Promise.all(threads))];
    this.run.links.close();
    const closing = closings.find((failed) => failed !== undefined);
    const failure = error ?? (state === 'finished' || state === 'drained' ? closing : undefined);
    this.state = failure === undefined ? state : 'failed';
    this.error = failure;
    for (const registration of this.registrations) registration.remove();
    if (failure === undefined && state !== 'failed') this.resolve(this.result(state));
    else this.reject(attribute(failure, 'operator', 'close', this.job));
  }

  private get facts(): readonly InstanceFacts[] {
    return [...this.lanes.facts, ...this.run.threads.flatMap(({ facts }) => facts)];
  }

  private get elapsedMs(): number {
    return (this.endedMs ?? this.run.clock.monotonicMs()) - this.startedMs;
  }

  private quiet(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.run.clock.schedule(QUIET_DEADLINE_MS, resolve);
      void Promise.all([this.lanes.quiet(), this.coordinator.settled()]).then(() => {
        cancel();
        resolve();
      });
    });
  }

  private result(state: JobResult['state']): JobResult {
    return {
      job: this.job,
      state,
      epoch: this.coordinator.epoch,
      ...totalsOf(this.run.plan.plan, this.facts),
      durationMs: this.elapsedMs,
    };
  }
}

function sourceInstances({ placements }: LanePlan): number {
  const sources = [...placements.values()].filter(({ planned }) => planned.node.kind === 'source');
  return sources.reduce((sum, { instances }) => sum + instances.length, 0);
}
