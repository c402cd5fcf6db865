import type { Batch } from '@sabot/columnar';
import { createOperatorStats } from '../operators/operator-stats.js';
import type { Signal } from '../ports/signal.js';
import type { PreparedCommit, SinkWriter } from '../ports/sink.js';
import { attribute } from './attribution.js';
import type { ChainHead } from './operator-chain.js';
import type { ChainContext } from './receiver.js';
import type { SnapshotCollector } from './snapshot-collector.js';
import type { TimeAccount } from './stopwatch.js';

export interface SinkWiring {
  readonly job: string;
  readonly id: string;
  readonly writer: SinkWriter;
  readonly context: ChainContext;
  readonly collector: SnapshotCollector;
}

/** A sink at the end of the graph: writes batches, prepares at barriers and at End. */
export class SinkStage implements ChainHead, TimeAccount {
  busyMs = 0;
  readonly stats = createOperatorStats();
  private readonly wiring: SinkWiring;

  constructor(wiring: SinkWiring) {
    this.wiring = wiring;
  }

  get id(): string {
    return this.wiring.id;
  }

  /** What a writer gathers is its own affair. */
  readonly heldBytes = 0;

  /** A sink is a chain of its own. */
  get chain(): string {
    return this.wiring.id;
  }

  get writer(): SinkWriter {
    return this.wiring.writer;
  }

  accept(batch: Batch, bytes: number): void | Promise<void> {
    this.stats.rowsIn += batch.numRows;
    this.stats.batchesIn++;
    this.stats.bytesIn += bytes;
    return this.timed(() => this.wiring.writer.write(batch));
  }

  acceptSignal(signal: Signal): void | Promise<void> {
    switch (signal.kind) {
      case 'watermark':
        this.stats.inputWatermarkMs = signal.timeMs;
        return undefined;
      case 'idle':
        return undefined;
      case 'barrier':
        return this.timed(() => this.prepare(signal.epoch));
      case 'end':
        return this.timed(() => this.prepare(this.wiring.collector.finalEpoch));
    }
  }

  /** Makes a committed epoch final; runs between two elements. */
  commit(prepared: PreparedCommit): void | Promise<void> {
    return this.timed(() => this.wiring.writer.commit(prepared));
  }

  private async prepare(epoch: number): Promise<void> {
    this.wiring.collector.sink(this.wiring.id, epoch, await this.wiring.writer.prepare(epoch));
  }

  private timed(work: () => void | Promise<void>): void | Promise<void> {
    const { watch } = this.wiring.context;
    watch.enter(this);
    try {
      const waits = work();
      if (waits !== undefined) {
        return waits.then(
          () => void watch.enter(undefined),
          (error: unknown) => this.failed(error),
        );
      }
      watch.enter(undefined);
      return undefined;
    } catch (error) {
      return this.failed(error);
    }
  }

  private failed(error: unknown): never {
    this.wiring.context.watch.enter(undefined);
    this.stats.errors++;
    throw attribute(error, 'sink', this.wiring.id, this.wiring.job);
  }
}
