import type { Fields } from '@sabot/columnar';
import { defineTelemetry, type Observability } from '@sabot/core-observability';
import type { ParquetSource } from './source/parquet-source.js';

/** What this package emits. Rows, batches and durations of a source are in `@sabot/stream`'s telemetry. */
export const parquetTelemetry = defineTelemetry({
  scope: '@sabot/parquet',
  attributes: {
    'sabot.source': { type: 'string', brief: 'Name of the source.', example: 'flights-3m.parquet' },
  },
  metrics: {
    rowGroups: {
      name: 'sabot.parquet.row_groups.read',
      kind: 'counter',
      unit: '{row_group}',
      brief: 'Row groups that were begun.',
      attributes: ['sabot.source'],
    },
    compressedBytes: {
      name: 'sabot.parquet.read.bytes',
      kind: 'counter',
      unit: 'By',
      brief: 'Compressed bytes of the columns read, by the figures of the files.',
      attributes: ['sabot.source'],
    },
    waitTime: {
      name: 'sabot.parquet.wait.time',
      kind: 'counter',
      unit: 's',
      brief: 'Time that the pipeline waited for the decoder.',
      attributes: ['sabot.source'],
    },
  },
  spans: {},
});

/** Publishes the facts of a Parquet source, read at collection only; the returned function ends it. */
export function instrumentParquet<F extends Fields>(
  observability: Observability,
  source: ParquetSource<F>,
): () => void {
  const { metrics } = observability.instruments(parquetTelemetry);
  const attributes = { 'sabot.source': source.name };
  const registrations = [
    metrics.rowGroups.observe(attributes, () => source.stats.rowGroups),
    metrics.compressedBytes.observe(attributes, () => source.stats.compressedBytes),
    metrics.waitTime.observe(attributes, () => source.stats.waitMs / 1000),
  ];
  return () => {
    for (const registration of registrations) registration.remove();
  };
}
