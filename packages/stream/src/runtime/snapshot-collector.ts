import type { TraceContext } from '@sabot/core-observability/trace-context';
import type { StateSnapshot } from '@sabot/state';
import type { PreparedCommit } from '../ports/sink.js';
import type { SplitPosition } from '../ports/source.js';

/** Per split: the position after the last batch before the barrier, and how far its time had come. */
export interface SourceCut {
  readonly positions: Readonly<Record<string, SplitPosition>>;
  readonly watermarks: Readonly<Record<string, number | 'end' | null>>;
}

/** Where the parts of a checkpoint are handed in as the barrier passes. */
export interface SnapshotCollector {
  /** The epoch that End stands for: the job's last one. */
  readonly finalEpoch: number;
  /** The trace of the checkpoint under way, for what its parts record. */
  readonly trace: TraceContext | undefined;
  source(id: string, epoch: number, cut: SourceCut): void;
  operator(id: string, epoch: number, bytes: Uint8Array | undefined, state: StateSnapshot | undefined): void;
  sink(id: string, epoch: number, prepared: PreparedCommit): void;
}
