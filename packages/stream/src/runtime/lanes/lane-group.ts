import type { Clock } from '../../ports/clock.js';
import type { PreparedCommit } from '../../ports/sink.js';
import type { TaskDecorator } from '../../ports/task-decorator.js';
import type { Turns } from '../../ports/turns.js';
import { buildGraph, type SinkEnd, type TaskGraph } from '../build-graph.js';
import { MemoryBudget } from '../memory-budget.js';
import type { OpenParts } from '../open-parts.js';
import { Scheduler } from '../scheduler.js';
import type { SnapshotCollector } from '../snapshot-collector.js';
import type { SourceChain } from '../source-chain.js';
import { factsOf, holdingsOf, type InstanceFacts } from './instance-facts.js';
import type { LanePlan } from './lane-plan.js';
import type { LaneLinks } from './lane-wiring.js';

export interface LaneGroupSettings {
  readonly plan: LanePlan;
  readonly links: LaneLinks;
  readonly parts: OpenParts;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly collector: SnapshotCollector;
  readonly decorators: readonly TaskDecorator[];
  readonly channelBytes: number | undefined;
  readonly channelRows: number | undefined;
  readonly turns: Turns;
  /** What the lanes of this thread may hold; undefined: whatever there is. */
  readonly memoryBytes: number | undefined;
  /** Told once per source instance whose splits have all ended. */
  readonly onSourceExhausted: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** The lanes of a job that one thread runs: all of them, when it has one thread. */
export class LaneGroup {
  private readonly settings: LaneGroupSettings;
  private readonly graph: TaskGraph;
  private readonly scheduler: Scheduler;
  private readonly budget: MemoryBudget | undefined;
  private readonly idleWatches = new Set<() => void>();
  private stopped = false;

  constructor(settings: LaneGroupSettings) {
    this.settings = settings;
    this.scheduler = new Scheduler(settings.turns, settings.onFailure);
    this.graph = buildGraph({
      ...settings,
      scheduler: this.scheduler,
      held: () => this.budget?.exhausted === true,
    });
    this.budget = settings.memoryBytes === undefined ? undefined : this.budgetOf(settings.memoryBytes);
  }

  /** Whether inputs that are read first still hold others back: until then no barrier may enter. */
  get ordering(): boolean {
    return this.graph.chains.some((chain) => chain.parts.gate.ordering);
  }

  get facts(): readonly InstanceFacts[] {
    return factsOf(this.graph, this.settings.parts);
  }

  start(): void {
    for (const source of this.graph.sources) this.watchIdleness(source);
    for (const source of this.graph.sources) source.start();
  }

  /** Lets the barrier, or for the last epoch End, go at every source. */
  inject(epoch: number, final: boolean): void {
    for (const source of this.graph.sources) {
      source.interpose(() => (final ? source.end() : source.inject(epoch)));
      this.scheduler.wake(source);
    }
  }

  stopReading(): void {
    // A job that reads no further does not wait for memory.
    this.budget?.close();
    for (const source of this.graph.sources) source.stopReading();
  }

  /** Makes a committed epoch final at a sink, between two elements. */
  commitSink(id: string, prepared: PreparedCommit): Promise<void> {
    const { chain, stage } = this.graph.sinks.get(id) as SinkEnd;
    return new Promise((resolve) => {
      chain.interpose(async () => {
        await stage.commit(prepared);
        resolve();
      });
      this.scheduler.wake(chain);
    });
  }

  /** No further step begins and nothing more is read. */
  stop(): void {
    this.stopped = true;
    this.scheduler.stop();
    for (const cancel of this.idleWatches) cancel();
    this.stopReading();
  }

  /** Resolves when no step still waits for something of its own; said after `stop`. */
  quiet(): Promise<void> {
    return this.scheduler.quiet();
  }

  /** Closes everything that is open; resolves with the first failure, if any. */
  close(finished: boolean): Promise<unknown> {
    return this.settings.parts.closers.close(finished);
  }

  private budgetOf(limitBytes: number): MemoryBudget {
    const { plan, clock, onFailure } = this.settings;
    return new MemoryBudget({
      job: plan.plan.job,
      limitBytes,
      clock,
      holdings: () => holdingsOf(this.graph),
      atRest: () => this.scheduler.idle,
      onRoom: () => {
        for (const source of this.graph.sources) this.scheduler.wake(source);
      },
      onFailure: (error) => {
        this.stop();
        onFailure(error);
      },
    });
  }

  private watchIdleness(source: SourceChain): void {
    const timeoutMs = source.parts.node.idleTimeoutMs;
    if (timeoutMs === undefined || this.stopped) return;
    const cancel = this.settings.clock.schedule(Math.max(1, timeoutMs / 2), () => {
      this.idleWatches.delete(cancel);
      source.interpose(() => source.checkIdle(timeoutMs));
      this.scheduler.wake(source);
      this.watchIdleness(source);
    });
    this.idleWatches.add(cancel);
  }
}
