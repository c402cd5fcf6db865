/** What single calls cost, with nothing else around them: where the microseconds of the table come from. */
import { createTestObservability } from '../src/testing.js';

const spansPerTrace = 7;

function perCall(name: string, times: number, call: () => void): void {
  for (let n = 0; n < times / 10; n++) call();
  const begun = process.cpuUsage();
  for (let n = 0; n < times; n++) call();
  const { user, system } = process.cpuUsage(begun);
  console.log(`${name.padEnd(46)} ${(((user + system) * 1000) / times).toFixed(0).padStart(6)} ns`);
}

const observability = createTestObservability({ sampleRate: 0 });
const sampled = createTestObservability({ sampleRate: 1 });
const catalogue = {
  scope: 'bench',
  attributes: {
    pipeline: { type: 'string', brief: '' },
    rows: { type: 'number', brief: '' },
    operator: { type: 'string', brief: '' },
  },
  metrics: {
    count: { name: 'bench.count', kind: 'counter', unit: '1', brief: '', attributes: ['pipeline'] },
    duration: { name: 'bench.duration', kind: 'histogram', unit: 's', brief: '', attributes: ['pipeline'] },
  },
  spans: {
    batch: { name: 'process_batch', kind: 'consumer', brief: '', attributes: ['pipeline', 'rows'] },
    operator: { name: 'operator', kind: 'internal', brief: '', attributes: ['operator', 'rows'] },
  },
} as const;
const { metrics, spans } = observability.instruments(catalogue);
const counter = metrics.count.series({ pipeline: 'bench' });
const histogram = metrics.duration.series({ pipeline: 'bench' });
const kept = sampled.instruments(catalogue).spans;

perCall('performance.now', 5e6, () => void performance.now());
perCall('counter.add', 2e7, () => counter.add(1));
perCall('histogram.record', 1e7, () => histogram.record(0.003));
perCall('batch span outside the sample, start and end', 2e6, () => {
  spans.batch.start({ pipeline: 'bench', rows: 4096 }, { parent: null }).end();
});
perCall(`sampled batch span with ${spansPerTrace - 1} operator spans`, 3e5, () => {
  const root = kept.batch.start({ pipeline: 'bench', rows: 4096 }, { parent: null });
  for (let n = 1; n < spansPerTrace; n++) {
    const span = kept.operator.start({ operator: 'filter' }, { parent: root });
    span.set('rows', 10);
    span.end();
  }
  root.end();
  sampled.clearSpans();
});
