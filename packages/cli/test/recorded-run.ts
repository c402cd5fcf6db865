import { join } from 'node:path';
import { defineTelemetry, SabotError } from '@sabot/core-observability';
import {
  type ResolvedConfig,
  type RunningObservability,
  resolveConfig,
  startObservability,
} from '@sabot/core-observability/sdk';

const telemetry = defineTelemetry({
  scope: '@sabot/stream',
  attributes: { pipeline: { type: 'string', brief: 'Pipeline.' } },
  metrics: {
    rows: {
      name: 'sabot.messages.processed',
      kind: 'counter',
      unit: '{message}',
      brief: 'Rows.',
      attributes: ['pipeline'],
    },
    took: {
      name: 'sabot.message.processing.duration',
      kind: 'histogram',
      unit: 's',
      brief: 'Time.',
      attributes: ['pipeline'],
    },
  },
  spans: {
    batch: { name: 'process_batch', kind: 'consumer', brief: 'A batch.', attributes: ['pipeline'] },
    join: { name: 'stream_table_join', kind: 'internal', brief: 'A join.', attributes: ['pipeline'] },
  },
});

/** Starts real telemetry that records into the folder's store. */
export async function startRecording(
  folder: string,
  prometheusPort: number | null = null,
  instance = 'run-1',
): Promise<RunningObservability> {
  const flags = {
    enabled: true,
    serviceName: 'orders',
    storePath: join(folder, '.sabot', 'telemetry'),
    prometheusPort: prometheusPort ?? 'none',
  };
  const config: ResolvedConfig = resolveConfig({ env: {}, flags: { telemetry: flags } });
  return startObservability({
    config,
    metricIntervalMs: 50,
    onProblem: 'throw',
    resource: { 'service.instance.id': instance },
  });
}

/** Three batches with a join each, the last one failed, and their metrics. */
export async function recordBatches(observability: RunningObservability): Promise<void> {
  const { metrics, spans } = observability.instruments(telemetry);
  for (const [i, durationMs] of [2, 20, 200].entries()) {
    const startTimeMs = Date.now() - 60_000 + i * 20_000;
    const batch = spans.batch.start({ pipeline: 'p' }, { parent: null, startTimeMs });
    const join = spans.join.start({ pipeline: 'p' }, { parent: batch, startTimeMs });
    if (i === 2)
      join.recordFailure(new SabotError('SABOT_TEST_BROKEN', 'operational', { what: 'x', why: 'y', remedy: 'z' }));
    join.end(startTimeMs + durationMs / 2);
    batch.end(startTimeMs + durationMs);
  }
  metrics.rows.series({ pipeline: 'p' }).add(3000);
  for (const seconds of [0.002, 0.02, 0.2]) metrics.took.series({ pipeline: 'p' }).record(seconds);
  await observability.flush(2000);
}
