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
  | PolledBatch
  | { readonly kind: 'empty'; readonly retries?: number }
  | { readonly kind: 'end'; readonly retries?: number };

export interface PolledBatch {
  readonly kind: 'batch';
  /** May be without rows, when all that was read has been refused. */
  readonly batch: Batch;
  /** After everything that was read, rows that were refused included. */
  readonly position: SplitPosition;
  readonly trace?: TraceContext;
  /** Rows that the error policy left out since the last answer. */
  readonly skippedRows?: number;
  /** Rows that could not be decoded, in the schema that the source `rejects`. */
  readonly rejected?: Batch;
  /** Tries that failed before this answer. */
  readonly retries?: number;
}

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
  /** The schema of rows that cannot be decoded, when they go to a stream of their own. */
  readonly rejects?: Schema;
  splits(): Promise<readonly SourceSplit[]>;
  /** Reads a split from a position (undefined: its beginning), in batches of about `batchRows` rows. */
  read(
    split: SourceSplit,
    position: SplitPosition | undefined,
    request: ScanRequest & { readonly batchRows: number },
  ): Promise<SourceReader>;
}
