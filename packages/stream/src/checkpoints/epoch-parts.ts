import type { TraceContext } from '@sabot/core-observability/trace-context';
import type { StateSnapshot } from '@sabot/state';
import type { PreparedCommit } from '../ports/sink.js';
import type { SnapshotCollector, SourceCut } from '../runtime/snapshot-collector.js';

export interface OperatorPart {
  readonly bytes: Uint8Array | undefined;
  readonly state: StateSnapshot | undefined;
}

/** Everything one epoch consists of. */
export interface EpochParts {
  readonly epoch: number;
  readonly sources: ReadonlyMap<string, SourceCut>;
  readonly operators: ReadonlyMap<string, OperatorPart>;
  readonly sinks: ReadonlyMap<string, PreparedCommit>;
}

/** Gathers the parts of the one epoch under way and says when all are there. */
export class EpochCollector implements SnapshotCollector {
  finalEpoch = 0;
  trace: TraceContext | undefined;
  private readonly expected: number;
  private epoch = 0;
  private sources = new Map<string, SourceCut>();
  private operators = new Map<string, OperatorPart>();
  private sinks = new Map<string, PreparedCommit>();
  private resolve: ((parts: EpochParts) => void) | undefined;

  /** `expected`: how many sources, operators and sinks hand in a part. */
  constructor(expected: number) {
    this.expected = expected;
  }

  /** Resolves when every part of the epoch has been handed in. */
  gather(epoch: number): Promise<EpochParts> {
    this.epoch = epoch;
    this.sources = new Map();
    this.operators = new Map();
    this.sinks = new Map();
    return new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  source(id: string, epoch: number, cut: SourceCut): void {
    if (epoch === this.epoch) this.sources.set(id, cut);
    this.check();
  }

  operator(id: string, epoch: number, bytes: Uint8Array | undefined, state: StateSnapshot | undefined): void {
    if (epoch === this.epoch) this.operators.set(id, { bytes, state });
    this.check();
  }

  sink(id: string, epoch: number, prepared: PreparedCommit): void {
    if (epoch === this.epoch) this.sinks.set(id, prepared);
    this.check();
  }

  private check(): void {
    if (this.sources.size + this.operators.size + this.sinks.size < this.expected) return;
    const { epoch, sources, operators, sinks } = this;
    this.resolve?.({ epoch, sources, operators, sinks });
  }
}
