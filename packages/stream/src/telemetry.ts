import type { Observability } from '@sabot/core-observability';
import type { TaskDecorator } from './ports/task-decorator.js';
import { BatchSpans } from './telemetry/batch-spans.js';
import { streamTelemetry } from './telemetry/catalogue.js';
import { CheckpointSpans } from './telemetry/checkpoint-spans.js';
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
  // What is off wraps nothing: the job runs as if it had not been asked for.
  if (observability.mode === 'off') return {};
  const instruments = observability.instruments(streamTelemetry);
  const spans = new BatchSpans(observability, instruments);
  const checkpoints = new CheckpointSpans(instruments);
  return {
    operator: (operator, meta) => spans.wrap(operator, meta),
    beginBatch: (meta, element) => spans.begin(meta, element),
    beginCheckpoint: (job, epoch) => checkpoints.begin(job, epoch),
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
          checkpoints.forget(live.job);
        },
      };
    },
  };
}
