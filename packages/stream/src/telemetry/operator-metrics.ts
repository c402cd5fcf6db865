import type { Instruments, Registration } from '@sabot/core-observability';
import type { LiveJob, OperatorStatus } from '../ports/live-job.js';
import type { OperatorStats } from '../ports/operator.js';
import type { streamTelemetry } from './catalogue.js';

type Metrics = Instruments<typeof streamTelemetry>['metrics'];

/** A status is computed at most this often, however many series one collection reads. */
const FRESH_MS = 50;

/** Publishes every operator of a job from its live status, read at collection only. */
export function observeOperators(metrics: Metrics, live: LiveJob): Registration[] {
  const statuses = freshStatuses(live);
  return live.status().operators.flatMap((operator) => observeOperator(metrics, live.job, operator, statuses));
}

type Statuses = () => ReadonlyMap<string, OperatorStatus>;

function freshStatuses(live: LiveJob): Statuses {
  let known: ReadonlyMap<string, OperatorStatus> = new Map();
  let untilMs = 0;
  return () => {
    const nowMs = performance.now();
    if (nowMs >= untilMs) {
      known = new Map(live.status().operators.map((operator) => [operator.id, operator]));
      untilMs = nowMs + FRESH_MS;
    }
    return known;
  };
}

function observeOperator(metrics: Metrics, job: string, operator: OperatorStatus, statuses: Statuses): Registration[] {
  const labels = { pipeline: job, operator: operator.id, 'operator.kind': operator.kind };
  const { stats } = operator;
  const counts = [
    ['rowsIn', 'rowsIn'],
    ['rowsOut', 'rowsOut'],
    ['batchesIn', 'batchesIn'],
    ['batchesOut', 'batchesOut'],
    ['bytesIn', 'bytesIn'],
    ['bytesOut', 'bytesOut'],
    ['lateRows', 'lateRows'],
    ['firedWindows', 'firedWindows'],
    ['firedTimers', 'firedTimers'],
    ['errors', 'errors'],
    ['retries', 'retries'],
    ['skippedRows', 'skippedRows'],
    ['deadLetters', 'deadLetterRows'],
    ['stateEntries', 'stateEntries'],
    ['stateBytes', 'stateBytes'],
  ] as const satisfies readonly (readonly [keyof Metrics, keyof OperatorStats])[];
  const live = (read: (status: OperatorStatus) => number) => () => read(statuses().get(operator.id) ?? operator);
  const time = (state: 'busy' | 'idle' | 'backpressured', read: (status: OperatorStatus) => number) =>
    metrics.time.observe(
      { ...labels, 'time.state': state },
      live((status) => read(status) / 1000),
    );
  return [
    ...counts.map(([metric, stat]) => metrics[metric].observe(labels, () => stats[stat])),
    time('busy', ({ times }) => times.busyMs),
    time('idle', ({ times }) => times.idleMs),
    time('backpressured', ({ times }) => times.backpressuredMs),
    metrics.queuedElements.observe(
      labels,
      live(({ queuedElements }) => queuedElements),
    ),
    metrics.queuedBytes.observe(
      labels,
      live(({ queuedBytes }) => queuedBytes),
    ),
    metrics.inputWatermark.observe(labels, () => seconds(stats.inputWatermarkMs)),
    metrics.outputWatermark.observe(labels, () => seconds(stats.outputWatermarkMs)),
    metrics.watermarkLag.observe(labels, () => lagSeconds(operator, statuses())),
    ...(operator.kind === 'source'
      ? [metrics.messages.observe({ pipeline: job, operator: operator.id }, () => stats.rowsOut)]
      : []),
  ];
}

/** Gauges have no −∞ and no ∞: 0 stands for "none yet" and for "ended". */
function seconds(timeMs: number): number {
  return Number.isFinite(timeMs) ? timeMs / 1000 : 0;
}

function lagSeconds(operator: OperatorStatus, statuses: ReadonlyMap<string, OperatorStatus>): number {
  const ownMs = operator.kind === 'source' ? operator.stats.outputWatermarkMs : operator.stats.inputWatermarkMs;
  let furthestMs = Number.NEGATIVE_INFINITY;
  for (const { kind, stats } of statuses.values()) {
    if (kind === 'source' && Number.isFinite(stats.outputWatermarkMs))
      furthestMs = Math.max(furthestMs, stats.outputWatermarkMs);
  }
  return Number.isFinite(ownMs) && Number.isFinite(furthestMs) ? Math.max(0, furthestMs - ownMs) / 1000 : 0;
}
