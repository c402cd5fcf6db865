import { context, metrics as metricsApi, SpanKind, trace as traceApi } from '@opentelemetry/api';
import { defineTelemetry, type Observability } from '@sabot/core-observability';
import type { BenchOperator, FlightBatch } from './six-operators.js';

export type RunBatch = (batch: FlightBatch) => void;

const catalogue = defineTelemetry({
  scope: '@sabot/bench',
  attributes: {
    pipeline: { type: 'string', brief: 'Pipeline.' },
    operator: { type: 'string', brief: 'Operator.' },
    rows: { type: 'number', brief: 'Rows.' },
  },
  metrics: {
    rows: { name: 'bench.rows', kind: 'counter', unit: '{row}', brief: 'Rows.', attributes: ['pipeline', 'operator'] },
    duration: { name: 'bench.duration', kind: 'histogram', unit: 's', brief: 'Batches.', attributes: ['pipeline'] },
  },
  spans: {
    batch: { name: 'process_batch', kind: 'consumer', brief: 'A batch.', attributes: ['pipeline', 'rows'] },
    operator: { name: 'operator', kind: 'internal', brief: 'An operator.', attributes: ['operator', 'rows'] },
  },
});

/** The pipeline with nothing around it: the baseline. */
export function bare(operators: readonly BenchOperator[]): RunBatch {
  return (batch) => {
    for (const operator of operators) count(operator, batch, operator.run(batch));
  };
}

/** The pipeline as a package's `telemetry.ts` decorates it: what is off is not wrapped. */
export function withSabot(operators: readonly BenchOperator[], observability: Observability): RunBatch {
  if (observability.mode === 'off') return bare(operators);
  const { metrics, spans } = observability.instruments(catalogue);
  for (const { name, stats } of operators) {
    metrics.rows.observe({ pipeline: 'bench', operator: name }, () => stats.rowsIn);
  }
  const duration = metrics.duration.series({ pipeline: 'bench' });
  return (batch) => {
    // One pair of clock readings serves the span and the duration.
    const startTimeMs = performance.timeOrigin + performance.now();
    const root = spans.batch.start({ pipeline: 'bench', rows: batch.delay.length }, { parent: null, startTimeMs });
    const detailed = root.recording && observability.detail !== 'batch';
    for (const operator of operators) {
      const span = detailed ? spans.operator.start({ operator: operator.name }, { parent: root }) : undefined;
      const rows = operator.run(batch);
      count(operator, batch, rows);
      span?.set('rows', rows);
      span?.end();
    }
    const endTimeMs = performance.timeOrigin + performance.now();
    duration.record((endTimeMs - startTimeMs) / 1000, root.recording ? root.context : undefined);
    root.end(endTimeMs);
  };
}

/** The same measurements with OpenTelemetry's own instruments, as a user would write them. */
export function withOpenTelemetry(operators: readonly BenchOperator[]): RunBatch {
  const meter = metricsApi.getMeter('bench');
  const tracer = traceApi.getTracer('bench');
  const rowsCounter = meter.createCounter('bench.rows');
  const duration = meter.createHistogram('bench.duration', { unit: 's' });
  return (batch) => {
    const begun = performance.now();
    const attributes = { pipeline: 'bench', rows: batch.delay.length };
    const root = tracer.startSpan('process_batch', { kind: SpanKind.CONSUMER, root: true, attributes });
    const inRoot = traceApi.setSpan(context.active(), root);
    for (const operator of operators) {
      const span = tracer.startSpan('operator', { attributes: { operator: operator.name } }, inRoot);
      const rows = operator.run(batch);
      count(operator, batch, rows);
      rowsCounter.add(batch.delay.length, { pipeline: 'bench', operator: operator.name });
      span.setAttribute('rows', rows);
      span.end();
    }
    duration.record((performance.now() - begun) / 1000, { pipeline: 'bench' });
    root.end();
  };
}

function count({ stats }: BenchOperator, batch: FlightBatch, rowsOut: number): void {
  stats.rowsIn += batch.delay.length;
  stats.rowsOut += rowsOut;
}
