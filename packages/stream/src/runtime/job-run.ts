import { CheckpointCoordinator, type CommitTarget } from '../checkpoints/coordinator.js';
import { EpochCollector } from '../checkpoints/epoch-parts.js';
import type { Recovery } from '../checkpoints/recovery.js';
import type { Plan } from '../plan/plan.js';
import type { Clock } from '../ports/clock.js';
import type { JobState, JobStatus, LiveJob } from '../ports/live-job.js';
import type { WatermarkExplanation } from '../ports/watermark-explanation.js';
import { attribute } from './attribution.js';
import { buildGraph, type SinkEnd, type TaskGraph } from './build-graph.js';
import { explainWatermark } from './explain-watermark.js';
import { operatorStatuses, totalsOf } from './job-status.js';
import type { OpenParts } from './open-parts.js';
import { Scheduler } from './scheduler.js';
import type { DrainOptions, JobResult, StartJobOptions } from './task-options.js';

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
  readonly plan: Plan;
  readonly options: StartJobOptions;
  readonly clock: Clock;
  readonly owner: string;
  readonly abort: AbortController;
  readonly parts: OpenParts;
  readonly recovery: Recovery | undefined;
  readonly target: CommitTarget | undefined;
}

/** Runs a connected job until it finishes, is drained, cancelled, or fails. */
export class JobRun implements RunningJob {
  readonly job: string;
  readonly done: Promise<JobResult>;
  private readonly run: JobRunParts;
  private readonly graph: TaskGraph;
  private readonly scheduler: Scheduler;
  private readonly coordinator: CheckpointCoordinator;
  private readonly startedAtMs: number;
  private readonly startedMs: number;
  private readonly registrations: { remove(): void }[] = [];
  private readonly cancels = new Set<() => void>();
  private state: JobState = 'running';
  private error: unknown;
  private exhausted = 0;
  private endedMs: number | undefined;
  private ending = false;
  private resolve!: (result: JobResult) => void;
  private reject!: (error: unknown) => void;

  constructor(run: JobRunParts) {
    this.run = run;
    this.job = run.plan.job;
    this.startedAtMs = run.clock.now();
    this.startedMs = run.clock.monotonicMs();
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // A failure that nobody has asked about yet must not take the process down; `status()` shows it.
    this.done.catch(() => undefined);
    this.scheduler = new Scheduler(run.options.turnMs ?? 8, (error) => void this.settle('failed', error));
    const collector = new EpochCollector(run.plan.nodes.length);
    const decorators = run.options.decorators ?? [];
    this.graph = buildGraph({
      plan: run.plan,
      parts: run.parts,
      clock: run.clock,
      signal: run.abort.signal,
      scheduler: this.scheduler,
      collector,
      decorators,
      channelBytes: run.options.channelBytes,
      onSourceExhausted: () => this.sourceExhausted(),
      onSinkEnded: () => undefined,
    });
    this.coordinator = new CheckpointCoordinator({
      plan: run.plan,
      clock: run.clock,
      collector,
      target: run.target,
      owner: run.owner,
      start: run.recovery,
      decorators,
      inject: (epoch, final) => this.inject(epoch, final),
      commitSink: (id, prepared) =>
        this.between(this.graph.sinks.get(id) as SinkEnd, (stage) => stage.commit(prepared)),
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
    for (const source of this.graph.sources) this.watchIdleness(source);
    for (const source of this.graph.sources) source.start();
    if (signal?.aborted === true) void this.cancel();
  }

  status(): JobStatus {
    return {
      job: this.job,
      state: this.state,
      startedAtMs: this.startedAtMs,
      epoch: this.coordinator.epoch,
      operators: operatorStatuses(this.graph, this.run.parts, this.elapsedMs),
      lastCheckpoint: this.coordinator.last,
      checkpoints: this.coordinator.committed,
      error: this.error,
    };
  }

  explainWatermark(operator: string, windowEndMs?: number): WatermarkExplanation {
    return explainWatermark(this.run.plan, this.graph, operator, windowEndMs);
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
    for (const source of this.graph.sources) source.stopReading();
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
    this.exhausted++;
    if (this.exhausted < this.graph.sources.length || this.state !== 'running') return;
    this.ending = true;
    this.coordinator.take(true).then(
      () => this.settle('finished'),
      (error: unknown) => this.settle('failed', error),
    );
  }

  private inject(epoch: number, final: boolean): void {
    for (const source of this.graph.sources) {
      source.interpose(() => (final ? source.end() : source.inject(epoch)));
      this.scheduler.wake(source);
    }
  }

  private between(sink: SinkEnd, work: (stage: SinkEnd['stage']) => void | Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      sink.chain.interpose(async () => {
        await work(sink.stage);
        resolve();
      });
      this.scheduler.wake(sink.chain);
    });
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
    return this.graph.chains.some((chain) => chain.parts.gate.ordering);
  }

  private watchIdleness(source: TaskGraph['sources'][number]): void {
    const timeoutMs = source.parts.node.idleTimeoutMs;
    if (timeoutMs === undefined || this.state !== 'running') return;
    this.later(Math.max(1, timeoutMs / 2), () => {
      source.interpose(() => source.checkIdle(timeoutMs));
      this.scheduler.wake(source);
      this.watchIdleness(source);
    });
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
    this.scheduler.stop();
    this.endedMs = this.run.clock.monotonicMs();
    for (const cancel of this.cancels) cancel();
    for (const source of this.graph.sources) source.stopReading();
    this.run.abort.abort();
    await this.quiet();
    const closing = await this.run.parts.closers.close(state === 'finished');
    const failure = error ?? (state === 'finished' || state === 'drained' ? closing : undefined);
    this.state = failure === undefined ? state : 'failed';
    this.error = failure;
    for (const registration of this.registrations) registration.remove();
    if (failure === undefined && state !== 'failed') this.resolve(this.result(state));
    else this.reject(attribute(failure, 'operator', 'close', this.job));
  }

  private get elapsedMs(): number {
    return (this.endedMs ?? this.run.clock.monotonicMs()) - this.startedMs;
  }

  private quiet(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.run.clock.schedule(QUIET_DEADLINE_MS, resolve);
      void Promise.all([this.scheduler.quiet(), this.coordinator.settled()]).then(() => {
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
      ...totalsOf(this.graph),
      durationMs: this.elapsedMs,
    };
  }
}
