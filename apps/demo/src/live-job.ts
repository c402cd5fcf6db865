import type { TaskDecorator } from '@sabot/stream';
import type { JobStatus, LiveJob, OperatorStatus } from '@sabot/stream/ports';
import type { Committed } from './committed.js';
import { operatorIds } from './job-names.js';
import type { Progress } from './progress.js';
import { createRate } from './rate.js';

/** Follows the job that a worker runs, through the hook that the runtime offers to observers. */
export interface JobObserver {
  readonly decorator: TaskDecorator;
  /** The job's status, also after its end; undefined before it has started. */
  status(): JobStatus | undefined;
}

export function observeJob(): JobObserver {
  let live: LiveJob | undefined;
  return {
    decorator: {
      job(started) {
        live = started;
        return { remove: () => undefined };
      },
    },
    status: () => live?.status(),
  };
}

/** Turns a job's status into what the demo shows; an operator counts from its start, the demo from the first run's. */
export function createProgress(
  totalRows: number,
  before: Committed,
  readCommitted: () => Promise<Committed>,
): (status: JobStatus) => Progress {
  let rate = createRate();
  let counted = before;
  let startedAtMs: number | undefined;
  const begunMs = performance.now();
  return (status) => {
    // A restart by the worker goes on from the last commit, and its operators count from there.
    if (startedAtMs !== undefined && startedAtMs !== status.startedAtMs) {
      rate = createRate();
      void readCommitted().then((committed) => {
        counted = committed;
      });
    }
    startedAtMs = status.startedAtMs;
    const flights = operatorOf(status, operatorIds.flights);
    const hours = operatorOf(status, operatorIds.hours);
    const nowMs = performance.now();
    const eventTimeMs = flights?.stats.outputWatermarkMs ?? Number.NEGATIVE_INFINITY;
    return {
      rows: counted.rows + (flights?.stats.rowsOut ?? 0),
      totalRows,
      rowsPerSecond: rate.next(flights?.stats.rowsOut ?? 0, nowMs),
      eventTimeMs,
      watermarkLagMs: lagMs(eventTimeMs, status.operators),
      windows: counted.windows + (hours?.stats.rowsOut ?? 0),
      lateRows: lateRowsOf(status),
      alerts: counted.alerts + (operatorOf(status, operatorIds.watch)?.stats.rowsOut ?? 0),
      epoch: status.epoch,
      memoryBytes: process.memoryUsage.rss(),
      elapsedMs: nowMs - begunMs,
    };
  };
}

function operatorOf(status: JobStatus, id: string): OperatorStatus | undefined {
  return status.operators.find((operator) => operator.id === id);
}

/** A flight counts for each window that it missed. */
function lateRowsOf({ operators }: JobStatus): number {
  return operators.reduce((sum, { stats }) => sum + stats.lateRows, 0);
}

function lagMs(sourceMs: number, operators: readonly OperatorStatus[]): number {
  if (!Number.isFinite(sourceMs)) return 0;
  const slowest = Math.min(...operators.map(({ stats }) => stats.inputWatermarkMs).filter(Number.isFinite), sourceMs);
  return sourceMs - slowest;
}
