import type { Batch } from '@sabot/columnar';
import type { TraceContext } from '@sabot/core-observability/trace-context';
import type { StateStore } from '@sabot/state';
import type { Clock } from './clock.js';
import type { Signal } from './signal.js';

/**
 * Plain-integer facts about an operator; `telemetry.ts` publishes them, nothing else reads them on a hot path.
 * The runtime counts rows, batches, bytes, errors and watermarks; the operator counts late, skipped and dead-letter
 * rows and its state. An operator may add integers of its own.
 */
export interface OperatorStats {
  rowsIn: number;
  rowsOut: number;
  batchesIn: number;
  batchesOut: number;
  bytesIn: number;
  bytesOut: number;
  /** Rows that came after their window was cleaned up; each went to the late stream or was counted here. */
  lateRows: number;
  /** Rows skipped by the error policy `skip`. */
  skippedRows: number;
  /** Rows sent to a dead-letter stream. */
  deadLetterRows: number;
  errors: number;
  /** Results of windows that have come out; each further firing of a window counts again. */
  firedWindows: number;
  /** Tries that failed and were followed by another: of sources and of asynchronous functions. */
  retries: number;
  /** Timers of keys that have come due. */
  firedTimers: number;
  /** Keyed state held by the operator itself (windows, buffers), not by its `StateStore`. */
  stateEntries: number;
  stateBytes: number;
  /** Epoch milliseconds; -Infinity before the first. */
  inputWatermarkMs: number;
  outputWatermarkMs: number;
}

/** Where an operator puts its results. `port` 0 is the main output; side outputs (late rows, dead letters) follow. */
export interface OperatorOutput {
  emit(batch: Batch, port?: number): void;
  signal(signal: Signal): void;
}

/** Work at a time of the clock: runs between two elements, like `process`, and may emit. */
export type ClockCall = (nowMs: number, output: OperatorOutput) => void;

export interface OperatorContext {
  /** Stable id inside the job: the user's name or a path derived from the plan. */
  readonly operatorId: string;
  readonly clock: Clock;
  /** The operator's own keyed state, restored and snapshotted by the runtime; only if its spec declares `stateSchema`. */
  state(): StateStore;
  /**
   * Asks for a call at this time of the clock, epoch milliseconds, or at once if that has passed: as a step of the
   * operator's own chain, from wherever it is asked. The function that comes back takes the request back. Requests are
   * not part of checkpoints, and nothing is called once the job has ended.
   */
  callAt(timeMs: number, call: ClockCall): () => void;
  /** The trace of the batch that the operator's chain is working on, for spans of its own. */
  trace(): TraceContext | undefined;
  /** Aborted when the task is cancelled. */
  readonly signal: AbortSignal;
}

/**
 * One step of a pipeline. The runtime calls it from one thread, in order, never concurrently with itself.
 *
 * Watermarks, idleness and barriers of several inputs are merged by the runtime (minimum over non-idle inputs; aligned
 * barriers): `onSignal` sees each merged signal once, and the runtime forwards it after the call unless the operator
 * has `forwardsWatermarks: true` and does so itself (an async operator that must emit results first).
 * Barriers and End are always forwarded by the runtime.
 */
export interface Operator {
  readonly stats: OperatorStats;
  readonly forwardsWatermarks?: boolean;
  open(context: OperatorContext): void | Promise<void>;
  /** Takes a batch of the input with this index. Returns a promise only if it really waits (async operators). */
  process(batch: Batch, input: number, output: OperatorOutput): void | Promise<void>;
  onSignal(signal: Signal, output: OperatorOutput): void | Promise<void>;
  /** The operator's own state as bytes, or undefined when it keeps none outside its `StateStore`. */
  snapshot(epoch: number): Uint8Array | undefined;
  restore(bytes: Uint8Array): void;
  close(): void | Promise<void>;
}
