import { defineTelemetry, type Observability } from '../../src/index.js';

// Checked by the compiler: each line marked must not compile.

const catalogue = defineTelemetry({
  scope: '@sabot/example',
  attributes: {
    pipeline: { type: 'string', brief: 'The pipeline.' },
    outcome: { type: 'string', brief: 'How it ended.', values: ['committed', 'failed'] },
    rows: { type: 'number', brief: 'Rows.' },
  },
  metrics: {
    processed: { name: 'p', kind: 'counter', unit: '1', brief: '', attributes: ['pipeline', 'outcome'] },
    lag: { name: 'l', kind: 'gauge', unit: 's', brief: '', attributes: [] },
    duration: { name: 'd', kind: 'histogram', unit: 's', brief: '', attributes: ['pipeline'] },
  },
  spans: { batch: { name: 'b', kind: 'consumer', brief: '', attributes: ['pipeline', 'rows'] } },
});

defineTelemetry({
  scope: '@sabot/example',
  attributes: { pipeline: { type: 'string', brief: '' } },
  // @ts-expect-error a metric may not name an attribute that is not declared
  metrics: { processed: { name: 'p', kind: 'counter', unit: '1', brief: '', attributes: ['operator'] } },
  spans: {},
});

export function uses(observability: Observability): void {
  const { metrics, spans } = observability.instruments(catalogue);
  metrics.processed.series({ pipeline: 'p', outcome: 'failed' }).add(1);
  // @ts-expect-error a metric that was not declared
  metrics.unknown.series({});
  // @ts-expect-error an attribute is missing
  metrics.processed.series({ pipeline: 'p' });
  // @ts-expect-error a value outside the closed set
  metrics.processed.series({ pipeline: 'p', outcome: 'maybe' });
  // @ts-expect-error an attribute of the wrong type
  metrics.processed.series({ pipeline: 1, outcome: 'failed' });
  // @ts-expect-error a gauge is set, not added to
  metrics.lag.series({}).add(1);
  // @ts-expect-error a histogram is recorded
  metrics.duration.series({ pipeline: 'p' }).set(1);
  spans.batch.start({ rows: 3 }).end();
  // @ts-expect-error an attribute that the span does not declare
  spans.batch.start({ outcome: 'failed' });
  // @ts-expect-error a span that was not declared
  spans.unknown.start({});
}
