import { randomUUID } from 'node:crypto';
import type { SnapshotStore } from '@sabot/state';
import type { Plan } from '../plan/plan.js';
import type { Clock } from '../ports/clock.js';
import type { CommitRecord, CommitRegister } from '../ports/commit-register.js';
import type { CheckpointStatus } from '../ports/live-job.js';
import type { PreparedCommit } from '../ports/sink.js';
import type { CheckpointFacts, CheckpointScope, TaskDecorator } from '../ports/task-decorator.js';
import { nodeIdOf } from '../runtime/lanes/lane-plan.js';
import type { SourceCut } from '../runtime/snapshot-collector.js';
import { advanceRegister } from './advance-register.js';
import type { EpochCollector, EpochParts } from './epoch-parts.js';
import { layoutOf } from './layout.js';
import { encodeSnapshot, type SnapshotPart } from './snapshot-blob.js';
import { SnapshotChain } from './snapshot-chain.js';

/** Where commits go; undefined parts: the job runs without durable checkpoints. */
export interface CommitTarget {
  readonly register: CommitRegister;
  readonly snapshots: SnapshotStore;
}

export interface CoordinatorParts {
  readonly plan: Plan;
  readonly clock: Clock;
  readonly collector: EpochCollector;
  readonly target: CommitTarget | undefined;
  readonly owner: string;
  /** How many lanes the plan is spread over. */
  readonly lanes: number;
  /** The fenced record to go on from, its revision and the blobs it refers to; a fresh start when undefined. */
  readonly start:
    | { readonly record: CommitRecord; readonly revision: number; readonly chain: SnapshotChain }
    | undefined;
  readonly decorators: readonly TaskDecorator[];
  /** Lets the barrier (or, for the last epoch, End) go at every source. */
  readonly inject: (epoch: number, final: boolean) => void;
  /** Makes a committed epoch final at a sink. */
  readonly commitSink: (id: string, prepared: PreparedCommit) => Promise<void>;
}

/**
 * Takes checkpoints, one at a time: barrier through the graph, snapshots into one blob, the commit record advances by
 * compare-and-set, then sinks make the epoch final and unreferenced blobs go.
 *
 * Correctness: nothing is final before the record is durable; what is prepared but not recorded is discarded by the
 * next start; what is recorded but not yet final is committed again by it (sinks' commits are idempotent).
 */
export class CheckpointCoordinator {
  last: CheckpointStatus | undefined;
  committed = 0;
  epoch: number;
  private readonly parts: CoordinatorParts;
  private readonly chain: SnapshotChain;
  private revision: number;
  private underWay: Promise<void> | undefined;
  private recording: Promise<number> | undefined;

  constructor(parts: CoordinatorParts) {
    this.parts = parts;
    this.epoch = parts.start?.record.epoch ?? 0;
    this.revision = parts.start?.revision ?? 0;
    this.chain = parts.start?.chain ?? new SnapshotChain();
  }

  /** Commits everything taken from the sources so far; after one that is under way. `final`: the job has finished. */
  async take(final: boolean): Promise<void> {
    while (this.underWay !== undefined) await this.underWay;
    this.underWay = this.run(final);
    try {
      await this.underWay;
    } finally {
      this.underWay = undefined;
    }
  }

  /** Resolves when no commit is on its way to the register: then the outcome of every epoch is known. */
  async settled(): Promise<void> {
    await this.recording?.catch(() => undefined);
  }

  private async run(final: boolean): Promise<void> {
    const { clock, collector, decorators, plan } = this.parts;
    const startedMs = clock.monotonicMs();
    const epoch = this.epoch + 1;
    const scopes = decorators.flatMap((decorator) => decorator.beginCheckpoint?.(plan.job, epoch) ?? []);
    const facts = { epoch, alignmentMs: 0, snapshotBytes: 0, final };
    try {
      if (final) collector.finalEpoch = epoch;
      collector.trace = traceOf(scopes);
      const gathered = collector.gather(epoch);
      this.parts.inject(epoch, final);
      const parts = await gathered;
      facts.alignmentMs = clock.monotonicMs() - startedMs;
      facts.snapshotBytes = await this.commit(parts, final, scopes);
      this.finished(facts, startedMs, scopes);
    } catch (error) {
      for (const scope of scopes) scope.end(facts, error);
      throw error;
    }
  }

  private finished(facts: CheckpointFacts, startedMs: number, scopes: readonly CheckpointScope[]): void {
    const { clock } = this.parts;
    this.committed++;
    this.last = {
      epoch: facts.epoch,
      committedAtMs: clock.now(),
      durationMs: clock.monotonicMs() - startedMs,
      snapshotBytes: facts.snapshotBytes,
    };
    for (const scope of scopes) scope.end(facts);
  }

  private async commit(parts: EpochParts, final: boolean, scopes: readonly CheckpointScope[]): Promise<number> {
    const { target } = this.parts;
    this.recording = this.recordAndConfirm(parts, final, target, scopes);
    const bytes = await this.recording;
    await Promise.all([...parts.sinks].map(([id, prepared]) => this.parts.commitSink(id, prepared)));
    return bytes;
  }

  private async recordAndConfirm(
    parts: EpochParts,
    final: boolean,
    target: CommitTarget | undefined,
    scopes: readonly CheckpointScope[],
  ): Promise<number> {
    const bytes = target === undefined ? 0 : await this.record(parts, final, target, scopes);
    this.epoch = parts.epoch;
    for (const { state } of parts.operators.values()) await state?.confirm();
    return bytes;
  }

  /** Stores the blob and advances the register; resolves with the blob's size. */
  private async record(
    parts: EpochParts,
    final: boolean,
    target: CommitTarget,
    scopes: readonly CheckpointScope[],
  ): Promise<number> {
    const { plan, owner, clock, lanes } = this.parts;
    const blob = snapshotParts(parts);
    const former = this.chain.names;
    let size = 0;
    if (blob.length > 0) {
      const name = `${segment(plan.job)}/${String(parts.epoch).padStart(10, '0')}-${segment(owner)}`;
      const bytes = encodeSnapshot(blob);
      size = bytes.length;
      await target.snapshots.put(name, bytes);
      this.chain.append(name, blob);
    }
    const trace = traceOf(scopes);
    const record: CommitRecord = {
      version: 1,
      job: plan.job,
      task: 'main',
      epoch: parts.epoch,
      owner,
      attempt: randomUUID(),
      ...(lanes === 1 ? {} : { lanes }),
      positions: bySource(parts, ({ positions }) => positions),
      watermarks: bySource(parts, ({ watermarks }) => watermarks),
      snapshots: this.chain.names,
      sinks: Object.fromEntries(parts.sinks),
      layout: layoutOf(plan),
      finished: final,
      ...(trace === undefined ? {} : { trace: `00-${trace.traceId}-${trace.spanId}-0${trace.traceFlags & 1}` }),
      committedAtMs: clock.now(),
    };
    this.revision = await advanceRegister(target.register, record, this.revision, clock);
    const kept = new Set(this.chain.names);
    await Promise.all(former.filter((name) => !kept.has(name)).map((name) => target.snapshots.delete(name)));
    return size;
  }
}

/** Removes the blobs below a job that no record refers to: left by owners that were fenced or killed. */
export async function removeOrphans(job: string, snapshots: SnapshotStore, kept: readonly string[]): Promise<void> {
  const referenced = new Set(kept);
  const names = await snapshots.list(`${segment(job)}/`);
  for (const name of names) if (!referenced.has(name)) await snapshots.delete(name);
}

/** The splits of a source, wherever they are read. */
function bySource<V>(parts: EpochParts, read: (cut: SourceCut) => Readonly<Record<string, V>>) {
  const merged: Record<string, Record<string, V>> = {};
  for (const [id, cut] of parts.sources) merged[nodeIdOf(id)] = { ...merged[nodeIdOf(id)], ...read(cut) };
  return merged;
}

function traceOf(scopes: readonly CheckpointScope[]) {
  return scopes.find((scope) => scope.trace !== undefined)?.trace;
}

function snapshotParts(parts: EpochParts): SnapshotPart[] {
  return [...parts.operators]
    .filter(([, { bytes, state }]) => bytes !== undefined || state !== undefined)
    .map(([id, { bytes, state }]) => ({
      id,
      operator: bytes,
      state: state === undefined ? undefined : { epoch: state.epoch, baseEpoch: state.baseEpoch, bytes: state.bytes() },
    }));
}

/** A name as a path segment of a snapshot store: `[a-z0-9._-]`, everything else as hexadecimal. */
function segment(name: string): string {
  return name.replaceAll(/[^a-z0-9-]/gu, (char) => `_${(char.codePointAt(0) as number).toString(16)}`);
}
