import { type Batch, batchBytes } from '@sabot/columnar';
import type { OpenStateStore } from '@sabot/state';
import { streamErrors } from '../errors.js';
import type { ClockCall, Operator, OperatorOutput, OperatorStats } from '../ports/operator.js';
import type { Signal } from '../ports/signal.js';
import { attribute, isAttributed } from './attribution.js';
import type { ChainContext, Receiver } from './receiver.js';
import type { SnapshotCollector } from './snapshot-collector.js';
import type { TimeAccount } from './stopwatch.js';

export interface StageWiring {
  readonly job: string;
  /** Of the instance. */
  readonly id: string;
  readonly chain: string;
  readonly kind: string;
  readonly operator: Operator;
  readonly ports: number;
  readonly context: ChainContext;
  readonly collector: SnapshotCollector;
  readonly state: OpenStateStore | undefined;
}

/** One operator in its chain: counts and times what passes, hands results on at once, snapshots at barriers. */
export class OperatorStage implements Receiver, TimeAccount {
  busyMs = 0;
  readonly stats: OperatorStats;
  private readonly wiring: StageWiring;
  private readonly operator: Operator;
  private readonly targets: readonly Receiver[][];
  private readonly output: OperatorOutput;

  constructor(wiring: StageWiring) {
    this.wiring = wiring;
    this.operator = wiring.operator;
    this.stats = wiring.operator.stats;
    this.targets = Array.from({ length: wiring.ports }, () => []);
    this.output = {
      emit: (batch, port) => this.emit(batch, port),
      signal: (signal) => this.emitSignal(signal),
    };
  }

  get id(): string {
    return this.wiring.id;
  }

  get chain(): string {
    return this.wiring.chain;
  }

  get kind(): string {
    return this.wiring.kind;
  }

  /** State of its own, and keyed state where that lies in memory. */
  get heldBytes(): number {
    const { state } = this.wiring;
    return this.stats.stateBytes + (state?.backend === 'memory' ? state.stats.bytes : 0);
  }

  connect(port: number, receiver: Receiver): void {
    (this.targets[port] as Receiver[]).push(receiver);
  }

  /** Inside a chain: the operator must not wait. */
  batch(batch: Batch, bytes: number): void {
    if (this.accept(batch, bytes, 0) !== undefined) throw this.notAsync('process');
  }

  signal(signal: Signal): void {
    if (this.acceptSignal(signal) !== undefined) throw this.notAsync('onSignal');
  }

  accept(batch: Batch, bytes: number, input: number): void | Promise<void> {
    const { stats } = this;
    stats.rowsIn += batch.numRows;
    stats.batchesIn++;
    stats.bytesIn += bytes;
    return this.guarded(() => this.operator.process(batch, input, this.output));
  }

  acceptSignal(signal: Signal): void | Promise<void> {
    if (signal.kind === 'watermark') this.stats.inputWatermarkMs = signal.timeMs;
    const waits = this.guarded(() => this.operator.onSignal(signal, this.output));
    if (waits === undefined) return this.passOn(signal);
    return waits.then(() => this.passOn(signal));
  }

  /** Work that the operator has asked for at a time of the clock. */
  callBack(call: ClockCall, nowMs: number): void | Promise<void> {
    return this.guarded(() => call(nowMs, this.output));
  }

  private emit(batch: Batch, port = 0): void {
    if (batch.numRows === 0) return;
    const bytes = batchBytes(batch);
    this.stats.rowsOut += batch.numRows;
    this.stats.batchesOut++;
    this.stats.bytesOut += bytes;
    for (const target of this.targets[port] as Receiver[]) target.batch(batch, bytes);
  }

  private passOn(signal: Signal): void {
    if (signal.kind === 'barrier') this.snapshot(signal.epoch);
    if (signal.kind === 'end') this.snapshot(this.wiring.collector.finalEpoch);
    const ownTime =
      this.operator.forwardsWatermarks === true && (signal.kind === 'watermark' || signal.kind === 'idle');
    if (!ownTime) this.emitSignal(signal);
  }

  private emitSignal(signal: Signal): void {
    if (signal.kind === 'watermark') {
      if (signal.timeMs < this.stats.outputWatermarkMs) return;
      this.stats.outputWatermarkMs = signal.timeMs;
    }
    for (const port of this.targets) for (const target of port) target.signal(signal);
  }

  private snapshot(epoch: number): void {
    const { collector, id, state } = this.wiring;
    const bytes = this.operator.snapshot(epoch);
    collector.operator(id, epoch, bytes, state?.snapshot(epoch, collector.trace));
  }

  private guarded(work: () => void | Promise<void>): void | Promise<void> {
    const { watch } = this.wiring.context;
    const former = watch.enter(this);
    try {
      const waits = work();
      if (waits === undefined) {
        watch.enter(former);
        return undefined;
      }
      return waits.then(
        () => void watch.enter(former),
        (error: unknown) => this.failed(error, former),
      );
    } catch (error) {
      return this.failed(error, former);
    }
  }

  private failed(error: unknown, former: TimeAccount | undefined): never {
    this.wiring.context.watch.enter(former);
    if (!isAttributed(error)) this.stats.errors++;
    throw attribute(error, 'operator', this.wiring.id, this.wiring.job);
  }

  private notAsync(method: string) {
    return streamErrors.error('OPERATOR_NOT_ASYNC', {
      what: `operator "${this.wiring.id}" of job "${this.wiring.job}" cannot wait`,
      why: `${method} returned a promise, but its spec does not say async`,
    });
  }
}
