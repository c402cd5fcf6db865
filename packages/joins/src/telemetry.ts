import { defineTelemetry, type Instruments, type Observability, type TraceContext } from '@sabot/core-observability';
import type { Operator, OperatorContext, TaskDecorator } from '@sabot/stream';
import type { OperatorMeta } from '@sabot/stream/ports';
import { type ArrowTableJoin, type ArrowTableJoinType, arrowTableJoin } from './arrow-table/arrow-table-join.js';
import { type JoinStats, topKeyShare } from './join-stats.js';

const joinTypes = [
  'stream_table_join',
  'interval_join',
  'stream_stream_join',
  'window_join',
  'best_match_join',
  'arrow_table_join',
] as const;
const variants = ['inner', 'left', 'right', 'full'] as const;
const perJoin = ['pipeline', 'operator', 'join.type', 'join.variant'] as const;

/** Everything that `@sabot/joins` emits. */
export const joinsTelemetry = defineTelemetry({
  scope: '@sabot/joins',
  attributes: {
    pipeline: { type: 'string', brief: 'Name of the job.', example: 'flights' },
    operator: { type: 'string', brief: 'Stable id of the operator.', example: 'enrich-origin' },
    'join.type': { type: 'string', brief: 'Which join.', values: joinTypes },
    'join.variant': { type: 'string', brief: 'Which rows without a partner are kept.', values: variants },
    'join.top': { type: 'number', brief: 'How many of the most frequent keys are counted together.', values: [1, 10] },
    'join.rows.probed': { type: 'number', brief: 'Rows of the probing side.' },
    'join.rows.matched': { type: 'number', brief: 'Rows of the probing side that found a partner.' },
  },
  metrics: {
    operations: {
      name: 'sabot.join.operations',
      kind: 'counter',
      unit: '{operation}',
      brief: 'Batches joined.',
      attributes: perJoin,
    },
    matchedRows: {
      name: 'sabot.join.rows.matched',
      kind: 'counter',
      unit: '{row}',
      brief: 'Rows of the probing side that found a partner.',
      attributes: perJoin,
    },
    unmatchedRows: {
      name: 'sabot.join.rows.unmatched',
      kind: 'counter',
      unit: '{row}',
      brief: 'Rows of the probing side that found none.',
      attributes: perJoin,
    },
    buildRows: {
      name: 'sabot.join.build.rows',
      kind: 'gauge',
      unit: '{row}',
      brief: 'Rows of the side that is held in memory.',
      attributes: perJoin,
    },
    buildBytes: {
      name: 'sabot.join.build.size',
      kind: 'gauge',
      unit: 'By',
      brief: 'Bytes of the side that is held in memory.',
      attributes: perJoin,
    },
    matchRatio: {
      name: 'sabot.join.match.ratio',
      kind: 'gauge',
      unit: '1',
      brief: 'Share of the probing rows that found a partner, since the start.',
      attributes: perJoin,
    },
    topKeyShare: {
      name: 'sabot.join.skew.top_key_share',
      kind: 'gauge',
      unit: '1',
      brief: 'Share of all matches that fell on the most frequent keys, since the start.',
      attributes: [...perJoin, 'join.top'],
    },
    duration: {
      name: 'sabot.join.operation.duration',
      kind: 'histogram',
      unit: 's',
      brief: 'Time to join one batch.',
      attributes: perJoin,
    },
  },
  spans: {
    streamTableJoin: {
      name: 'stream_table_join',
      kind: 'internal',
      brief: 'One batch of a stream joined with a table.',
      attributes: ['pipeline', 'operator', 'join.variant', 'join.rows.probed', 'join.rows.matched'],
    },
    intervalJoin: {
      name: 'interval_join',
      kind: 'internal',
      brief: 'One batch of either stream of an interval join.',
      attributes: ['pipeline', 'operator', 'join.variant', 'join.rows.probed', 'join.rows.matched'],
    },
    streamStreamJoin: {
      name: 'stream_stream_join',
      kind: 'internal',
      brief: 'One batch of either stream of a join within a distance in time.',
      attributes: ['pipeline', 'operator', 'join.variant', 'join.rows.probed', 'join.rows.matched'],
    },
    windowJoin: {
      name: 'window_join',
      kind: 'internal',
      brief: 'One batch of either stream of a join within windows.',
      attributes: ['pipeline', 'operator', 'join.variant', 'join.rows.probed', 'join.rows.matched'],
    },
    bestMatchJoin: {
      name: 'best_match_join',
      kind: 'internal',
      brief: 'One batch of either stream of a join with the best row of a life.',
      attributes: ['pipeline', 'operator', 'join.variant', 'join.rows.probed', 'join.rows.matched'],
    },
    arrowTableJoin: {
      name: 'arrow_table_join',
      kind: 'internal',
      brief: 'Two bounded tables joined.',
      attributes: ['pipeline', 'operator', 'join.variant', 'join.rows.probed', 'join.rows.matched'],
    },
  },
});

type JoinInstruments = Instruments<typeof joinsTelemetry>;

interface JoinLabels {
  readonly pipeline: string;
  readonly operator: string;
  readonly 'join.type': (typeof joinTypes)[number];
  readonly 'join.variant': (typeof variants)[number];
}

/**
 * Publishes every join of a job: counters and gauges read at collection, a duration per batch, and a span per batch whose
 * trace is sampled.
 *
 * @example
 * await startJob(job, { decorators: [instrumentJoins(observability)] });
 */
export function instrumentJoins(observability: Observability): TaskDecorator {
  const instruments = observability.instruments(joinsTelemetry);
  return {
    operator: (operator, meta) =>
      isJoin(meta.kind) ? tracedOperator(operator, meta, meta.kind, observability, instruments) : operator,
  };
}

const spanOf = {
  stream_table_join: 'streamTableJoin',
  interval_join: 'intervalJoin',
  stream_stream_join: 'streamStreamJoin',
  window_join: 'windowJoin',
  best_match_join: 'bestMatchJoin',
} as const;

type StreamJoin = keyof typeof spanOf;

function isJoin(kind: string): kind is StreamJoin {
  return Object.hasOwn(spanOf, kind);
}

function labelsOf(meta: OperatorMeta, kind: StreamJoin): JoinLabels {
  return {
    pipeline: meta.job,
    operator: meta.operatorId,
    'join.type': kind,
    // The surface writes the facts; its types allow no other variant.
    'join.variant': meta.facts['variant'] as JoinLabels['join.variant'],
  };
}

function tracedOperator(
  inner: Operator,
  meta: OperatorMeta,
  kind: StreamJoin,
  observability: Observability,
  { metrics, spans }: JoinInstruments,
): Operator {
  const labels = labelsOf(meta, kind);
  const stats = inner.stats as JoinStats;
  const registrations = observeStats(stats, labels, metrics);
  const duration = metrics.duration.series(labels);
  const { 'join.type': _type, ...attributes } = labels;
  let context: OperatorContext | undefined;
  const measured = <Done>(rows: number, join: () => Done): Done => {
    const parent = sampledParent(observability, context);
    const span = parent && spans[spanOf[kind]].start({ ...attributes, 'join.rows.probed': rows }, { parent });
    const matchedBefore = stats.matchedRows;
    const startedMs = performance.now();
    try {
      return join();
    } catch (error) {
      span?.recordFailure(error);
      throw error;
    } finally {
      duration.record((performance.now() - startedMs) / 1000, span?.context);
      span?.set('join.rows.matched', stats.matchedRows - matchedBefore);
      span?.end();
    }
  };
  return {
    stats,
    forwardsWatermarks: inner.forwardsWatermarks === true,
    open(opened) {
      context = opened;
      return inner.open(opened);
    },
    process: (batch, input, output) => measured(batch.numRows, () => inner.process(batch, input, output)),
    onSignal: (signal, output) => inner.onSignal(signal, output),
    snapshot: (epoch) => inner.snapshot(epoch),
    restore: (bytes) => inner.restore(bytes),
    close() {
      for (const registration of [...registrations, duration]) registration.remove();
      return inner.close();
    },
  };
}

function sampledParent(observability: Observability, context: OperatorContext | undefined): TraceContext | undefined {
  if (observability.detail === 'batch') return undefined;
  const trace = context?.trace();
  return trace !== undefined && (trace.traceFlags & 1) === 1 ? trace : undefined;
}

function observeStats(stats: JoinStats, labels: JoinLabels, metrics: JoinInstruments['metrics']) {
  return [
    metrics.operations.observe(labels, () => stats.operations),
    metrics.matchedRows.observe(labels, () => stats.matchedRows),
    metrics.unmatchedRows.observe(labels, () => stats.unmatchedRows),
    metrics.buildRows.observe(labels, () => stats.buildRows),
    metrics.buildBytes.observe(labels, () => stats.buildBytes),
    metrics.matchRatio.observe(labels, () => ratio(stats.matchedRows, stats.matchedRows + stats.unmatchedRows)),
    metrics.topKeyShare.observe({ ...labels, 'join.top': 1 }, () => topKeyShare(stats, 1)),
    metrics.topKeyShare.observe({ ...labels, 'join.top': 10 }, () => topKeyShare(stats, 10)),
  ];
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** Under which labels bounded joins are published; both are bounded by the program text. */
export interface ArrowTableJoinLabels {
  /** Default `-`. */
  readonly pipeline?: string;
  /** Default `arrow_table_join`. */
  readonly name?: string;
}

/** `arrowTableJoin` with a span, a count and a duration per call. */
export function instrumentArrowTableJoin(
  observability: Observability,
  options: ArrowTableJoinLabels = {},
): ArrowTableJoin {
  const { metrics, spans } = observability.instruments(joinsTelemetry);
  const place = { pipeline: options.pipeline ?? '-', operator: options.name ?? 'arrow_table_join' };
  return (left, right, joinOptions) => {
    const variant: ArrowTableJoinType = joinOptions.type ?? 'inner';
    const labels = { ...place, 'join.type': 'arrow_table_join', 'join.variant': variant } as const;
    const attributes = { ...place, 'join.variant': variant, 'join.rows.probed': left.numRows };
    return spans.arrowTableJoin.trace(attributes, (span) => {
      const startedMs = performance.now();
      const joined = arrowTableJoin(left, right, joinOptions);
      metrics.duration
        .series(labels)
        .record((performance.now() - startedMs) / 1000, span.recording ? span.context : undefined);
      metrics.operations.series(labels).add(1);
      return joined;
    });
  };
}
