import type { Instruments, Observability } from '@sabot/core-observability';
import type { CheckpointFacts, CheckpointScope, TaskDecorator } from './ports/task-decorator.js';
import { BatchSpans } from './telemetry/batch-spans.js';
import { streamTelemetry } from './telemetry/catalogue.js';
import { observeOperators } from './telemetry/operator-metrics.js';

export { streamTelemetry } from './telemetry/catalogue.js';

/**
 * Publishes every operator of a job: counters and gauges are read at collection, a duration is recorded per batch and
 * chain, a batch is a span, its operators are child spans while it is recorded, and so is every checkpoint.
 *
 * @example
 * await startJob(job, { decorators: [instrumentStream(observability)] });
 */
export function instrumentStream(observability: Observability): TaskDecorator {
  const instruments = observability.instruments(streamTelemetry);
  const spans = new BatchSpans(observability, instruments);
  return {
    operator: (operator, meta) => spans.wrap(operator, meta),
    beginBatch: (meta, element) => spans.begin(meta, element),
    beginCheckpoint: (job, epoch) => checkpointScope(instruments, job, epoch),
    job(live) {
      const span = instruments.spans.register.start({
        pipeline: live.job,
        'operators.count': live.status().operators.length,
      });
      const registrations = observeOperators(instruments.metrics, live);
      span.end();
      return {
        remove() {
          for (const registration of registrations) registration.remove();
          spans.forget(live.job);
        },
      };
    },
  };
}

function checkpointScope(
  { metrics, spans }: Instruments<typeof streamTelemetry>,
  job: string,
  epoch: number,
): CheckpointScope {
  const startedMs = performance.now();
  const span = spans.checkpoint.start({ pipeline: job, 'checkpoint.epoch': epoch }, { parent: null });
  return {
    trace: span.context,
    end(facts: CheckpointFacts, error?: unknown) {
      const outcome = error === undefined ? 'committed' : 'failed';
      metrics.checkpoints.series({ pipeline: job, 'checkpoint.outcome': outcome }).add(1);
      if (error === undefined) {
        metrics.checkpointDuration.series({ pipeline: job }).record((performance.now() - startedMs) / 1000);
        metrics.checkpointAlignment.series({ pipeline: job }).record(facts.alignmentMs / 1000);
        metrics.checkpointSize.series({ pipeline: job }).set(facts.snapshotBytes);
      } else span.recordFailure(error);
      span.set('checkpoint.outcome', outcome);
      span.set('checkpoint.bytes', facts.snapshotBytes);
      span.set('checkpoint.final', facts.final);
      span.end();
    },
  };
}
