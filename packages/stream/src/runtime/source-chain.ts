import { type Batch, batchBytes } from '@sabot/columnar';
import { createOperatorStats } from '../operators/operator-stats.js';
import type { SourceNode } from '../plan/plan-node.js';
import type { Clock } from '../ports/clock.js';
import type { OperatorStats } from '../ports/operator.js';
import type { Signal } from '../ports/signal.js';
import type { PolledBatch } from '../ports/source.js';
import { readTimesMs, timeRangeMs } from '../time/event-time.js';
import { WatermarkMerger } from '../time/watermark-merger.js';
import type { WatermarkGenerator } from '../time/watermark-strategy.js';
import { attribute } from './attribution.js';
import type { BeginBatch } from './batch-scopes.js';
import type { ChainOutput } from './chain-output.js';
import type { Interlude } from './operator-chain.js';
import type { ChainContext, Receiver } from './receiver.js';
import type { Runnable } from './scheduler.js';
import type { SnapshotCollector, SourceCut } from './snapshot-collector.js';
import type { SplitFeed } from './split-feed.js';
import type { TimeAccount } from './stopwatch.js';

export interface SourceChainParts {
  readonly job: string;
  readonly id: string;
  readonly node: SourceNode;
  readonly clock: Clock;
  readonly feeds: readonly SplitFeed[];
  /** Watermark of each split at the restored checkpoint, epoch milliseconds; -Infinity without one. */
  readonly restoredMs: readonly number[];
  readonly output: ChainOutput;
  readonly context: ChainContext;
  readonly beginBatch: BeginBatch | undefined;
  readonly collector: SnapshotCollector;
  /** Whether the job holds too much memory to take on more. */
  readonly held: () => boolean;
  /** Told once when every split has ended and the watermark `Infinity` has gone out. */
  readonly onExhausted: () => void;
}

/** A source at the head of its chain: takes batches from its splits in turns and keeps their watermarks. */
export class SourceChain implements Runnable, TimeAccount {
  busyMs = 0;
  readonly stats: OperatorStats = createOperatorStats();
  readonly parts: SourceChainParts;
  private readonly merger: WatermarkMerger;
  private readonly generators: readonly (WatermarkGenerator | undefined)[];
  private readonly lastRowAtMs: Float64Array;
  /** By port: rows, and rows that could not be decoded. */
  private readonly targets: readonly [Receiver[], Receiver[]] = [[], []];
  private readonly interludes: Interlude[] = [];
  private turn = 0;
  private reading = true;
  private exhausted = false;

  constructor(parts: SourceChainParts) {
    this.parts = parts;
    this.merger = new WatermarkMerger(parts.feeds.length);
    this.generators = parts.feeds.map(() => parts.node.watermark?.create());
    this.lastRowAtMs = new Float64Array(parts.feeds.length).fill(parts.clock.now());
    for (const [split, timeMs] of parts.restoredMs.entries()) {
      if (timeMs > Number.NEGATIVE_INFINITY) this.merger.advance(split, timeMs);
    }
  }

  get ready(): boolean {
    if (this.interludes.length > 0) return true;
    return this.reading && !this.exhausted && this.hasInput && !this.blocked;
  }

  /** Where every split stands. */
  get splits(): readonly { readonly id: string; readonly watermarkMs: number; readonly idle: boolean }[] {
    const { merger } = this;
    return this.parts.feeds.map(({ id }, split) => ({
      id,
      watermarkMs: merger.timeOf(split),
      idle: merger.isIdle(split),
    }));
  }

  connect(port: number, receiver: Receiver): void {
    this.targets[port === 0 ? 0 : 1].push(receiver);
  }

  interpose(interlude: Interlude): void {
    this.interludes.push(interlude);
  }

  /** Begins to read; said once, when the whole job stands. */
  start(): void {
    for (const feed of this.parts.feeds) feed.start();
    this.announce();
    this.endIfExhausted();
  }

  /** No further batch is taken; barriers still pass. */
  stopReading(): void {
    this.reading = false;
    for (const feed of this.parts.feeds) feed.stop();
  }

  /** Lets the barrier go: everything taken so far belongs to the epoch. */
  inject(epoch: number): void {
    this.parts.collector.source(this.parts.id, epoch, this.cut());
    this.send({ kind: 'barrier', epoch });
  }

  /** Lets End go, when all sources of the job are exhausted. */
  end(): void {
    this.parts.collector.source(this.parts.id, this.parts.collector.finalEpoch, this.cut());
    this.send({ kind: 'end' });
  }

  /** Takes splits that have been silent for the idle timeout out of the minimum. */
  checkIdle(timeoutMs: number): void {
    const nowMs = this.parts.clock.now();
    for (const [split, feed] of this.parts.feeds.entries()) {
      if (!feed.ended && !feed.hasAnswer && nowMs - (this.lastRowAtMs[split] as number) >= timeoutMs) {
        this.merger.markIdle(split);
      }
    }
    this.announce();
  }

  step(): void | Promise<void> {
    const interlude = this.interludes.shift();
    if (interlude !== undefined) return interlude();
    const { output, context } = this.parts;
    const { blocked } = this;
    output.note(blocked && this.reading && this.hasInput);
    if (blocked || !this.reading) return undefined;
    context.watch.enter(this);
    try {
      this.takeOne();
    } finally {
      context.watch.enter(undefined);
    }
    output.note(this.hasInput && this.blocked);
    return undefined;
  }

  private get blocked(): boolean {
    return this.parts.output.full || this.parts.held();
  }

  /** Bytes of the batches at hand. */
  get heldBytes(): number {
    return this.parts.feeds.reduce((sum, feed) => sum + feed.heldBytes, 0);
  }

  private get hasInput(): boolean {
    for (const feed of this.parts.feeds) if (feed.hasAnswer) return true;
    return false;
  }

  private takeOne(): void {
    const { feeds } = this.parts;
    for (let tried = 0; tried < feeds.length; tried++) {
      const split = this.turn;
      this.turn = (split + 1) % feeds.length;
      const feed = feeds[split] as SplitFeed;
      if (!feed.hasAnswer) continue;
      const taken = this.takeFrom(feed);
      if (taken === undefined) {
        this.merger.advance(split, Number.POSITIVE_INFINITY);
        this.announce();
        this.endIfExhausted();
        return;
      }
      this.sendBatch(split, taken);
      return;
    }
  }

  private takeFrom(feed: SplitFeed) {
    try {
      const taken = feed.take();
      this.stats.retries += feed.retries;
      feed.retries = 0;
      return taken;
    } catch (error) {
      this.stats.errors++;
      throw attribute(error, 'source', this.parts.id, this.parts.job);
    }
  }

  private sendBatch(split: number, polled: PolledBatch): void {
    const { context, clock, beginBatch } = this.parts;
    const { batch, trace } = polled;
    const bytes = batchBytes(batch);
    this.count(polled, bytes);
    const emittedAtMs = clock.now();
    this.lastRowAtMs[split] = emittedAtMs;
    context.emittedAtMs = emittedAtMs;
    context.trace = trace;
    const scope = beginBatch?.({ kind: 'batch', batch, trace, emittedAtMs });
    if (scope?.trace !== undefined) context.trace = scope.trace;
    try {
      if (batch.numRows > 0) {
        this.advance(split, batch);
        for (const target of this.targets[0]) target.batch(batch, bytes);
      }
      if (polled.rejected !== undefined) this.sendRejected(polled.rejected);
      this.announce();
    } catch (error) {
      scope?.end(error);
      throw error;
    }
    scope?.end();
  }

  private count({ batch, rejected, skippedRows = 0 }: PolledBatch, bytes: number): void {
    const { stats } = this;
    const refused = rejected?.numRows ?? 0;
    stats.rowsIn += batch.numRows + refused + skippedRows;
    stats.rowsOut += batch.numRows;
    stats.skippedRows += skippedRows;
    stats.deadLetterRows += refused;
    stats.batchesIn++;
    stats.batchesOut++;
    stats.bytesIn += bytes;
    stats.bytesOut += bytes;
  }

  private sendRejected(rejected: Batch): void {
    const bytes = batchBytes(rejected);
    for (const target of this.targets[1]) target.batch(rejected, bytes);
  }

  private advance(split: number, batch: Batch): void {
    this.merger.markActive(split);
    const { node, id, job } = this.parts;
    const column = node.outputs[0]?.eventTime;
    const generator = this.generators[split];
    if (column === undefined || generator === undefined) return;
    try {
      const [minMs, maxMs] = timeRangeMs(batch, column);
      generator.onBatch(minMs, maxMs, batch, () => readTimesMs(batch, column));
      this.merger.advance(split, generator.current());
    } catch (error) {
      this.stats.errors++;
      throw attribute(error, 'source', id, job);
    }
  }

  private announce(): void {
    const signal = this.merger.next();
    if (signal !== undefined) this.send(signal);
  }

  private send(signal: Signal): void {
    if (signal.kind === 'watermark') this.stats.outputWatermarkMs = signal.timeMs;
    for (const port of this.targets) for (const target of port) target.signal(signal);
  }

  private endIfExhausted(): void {
    if (this.exhausted || this.parts.feeds.some((feed) => !feed.ended)) return;
    this.exhausted = true;
    this.parts.onExhausted();
  }

  private cut(): SourceCut {
    const positions: Record<string, SourceCut['positions'][string]> = {};
    const watermarks: Record<string, number | 'end' | null> = {};
    for (const [split, feed] of this.parts.feeds.entries()) {
      if (feed.position !== undefined) positions[feed.id] = feed.position;
      const timeMs = this.merger.timeOf(split);
      watermarks[feed.id] = timeMs === Infinity ? 'end' : timeMs === -Infinity ? null : timeMs;
    }
    return { positions, watermarks };
  }
}
