import type { Batch, Fields, Schema } from '@sabot/columnar';
import type { TraceContext } from '@sabot/core-observability/trace-context';

/** Where a split stands, as a small JSON value that the source alone understands; part of every checkpoint. */
export type SplitPosition = Readonly<Record<string, string | number | boolean | null>>;

/** A part of a source that is read in order by one reader: a file, a partition. Its id is stable across runs. */
export interface SourceSplit {
  readonly id: string;
}

/** One answer to `poll`: a batch with the position after it, nothing right now, or the end of a bounded split. */
export type Polled =
  | { readonly kind: 'batch'; readonly batch: Batch; readonly position: SplitPosition; readonly trace?: TraceContext }
  | { readonly kind: 'empty' }
  | { readonly kind: 'end' };

/** What the plan asks of a source: only these columns are read. */
export interface ScanRequest {
  readonly columns: readonly string[] | undefined;
}

export interface SourceReader {
  /** The next batch. Waits no longer than it must; resolves `empty` when the split is quiet. Rejects with a coded error. */
  poll(signal: AbortSignal): Promise<Polled>;
  close(): Promise<void>;
}

/** Something to read from. Opening checks that it can be read at all and that the columns are there. */
export interface Source<F extends Fields = Fields> {
  readonly name: string;
  readonly schema: Schema<F>;
  /** Whether it ends. */
  readonly bounded: boolean;
  splits(): Promise<readonly SourceSplit[]>;
  /** Reads a split from a position (undefined: its beginning), in batches of about `batchRows` rows. */
  read(
    split: SourceSplit,
    position: SplitPosition | undefined,
    request: ScanRequest & { readonly batchRows: number },
  ): Promise<SourceReader>;
}
