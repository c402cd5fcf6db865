import { describe, expect, it } from 'vitest';
import { defineTelemetry } from '../../src/index.js';
import { createTestObservability } from '../../src/testing.js';

const catalogue = defineTelemetry({
  scope: '@sabot/example',
  attributes: {
    pipeline: { type: 'string', brief: 'The pipeline.' },
    rows: { type: 'number', brief: 'Rows of the batch.' },
  },
  metrics: {
    processed: {
      name: 'sabot.messages.processed',
      kind: 'counter',
      unit: '{message}',
      brief: 'Rows processed.',
      attributes: ['pipeline'],
    },
  },
  spans: {
    batch: { name: 'process_batch', kind: 'consumer', brief: 'One batch.', attributes: ['pipeline', 'rows'] },
    step: { name: 'step', kind: 'internal', brief: 'One operator.', attributes: ['rows'] },
  },
});

describe('spans of Sabot itself', () => {
  it('makes a root with children that share its trace', () => {
    const observability = createTestObservability();
    const { spans } = observability.instruments(catalogue);
    const root = spans.batch.start({ pipeline: 'flights', rows: 10 }, { parent: null });
    const child = spans.step.start({ rows: 10 }, { parent: root });
    child.end();
    root.end();
    const [step, batch] = observability.spans();
    expect(batch).toMatchObject({
      name: 'process_batch',
      kind: 'consumer',
      parentSpanId: undefined,
      attributes: { pipeline: 'flights', rows: 10 },
      status: { code: 'unset' },
    });
    expect(step).toMatchObject({ name: 'step', traceId: batch?.traceId, parentSpanId: batch?.spanId });
    expect(batch?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(batch?.endTimeMs).toBeGreaterThanOrEqual(batch?.startTimeMs ?? Number.NaN);
  });

  it('records a failure with type, message and stack, rethrows it, and ends the span', () => {
    const observability = createTestObservability();
    const { spans } = observability.instruments(catalogue);
    const failing = () =>
      spans.batch.trace({ pipeline: 'flights' }, () => {
        throw new RangeError('too far');
      });
    expect(failing).toThrow('too far');
    const [span] = observability.spans('process_batch');
    expect(span?.status).toEqual({ code: 'error', message: 'too far' });
    expect(span?.attributes['error.type']).toBe('RangeError');
    expect(span?.events[0]?.attributes['exception.stacktrace']).toContain('own-spans.test');
  });

  it('keeps the active span over awaits inside trace', async () => {
    const observability = createTestObservability();
    const { spans } = observability.instruments(catalogue);
    await spans.batch.trace({ pipeline: 'flights' }, async () => {
      await Promise.resolve();
      observability.traceOperation('lookup', { cache: 'miss' }, () => 1);
    });
    const [batch] = observability.spans('process_batch');
    const [lookup] = observability.spans('lookup');
    expect(lookup?.parentSpanId).toBe(batch?.spanId);
    expect(observability.activeContext()).toBeUndefined();
  });

  it('keeps ten percent of 100,000 roots at a ratio of 0.1, within one percent', () => {
    const observability = createTestObservability({ sampleRate: 0.1 });
    const { spans } = observability.instruments(catalogue);
    for (let n = 0; n < 100_000; n++) spans.batch.start({ pipeline: 'flights' }, { parent: null }).end();
    expect(observability.spans().length).toBeGreaterThan(9000);
    expect(observability.spans().length).toBeLessThan(11_000);
  });

  it('keeps a root that links to a sampled producer whatever the ratio', () => {
    const observability = createTestObservability({ sampleRate: 0 });
    const { spans } = observability.instruments(catalogue);
    const producer = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
    spans.batch.start({}, { parent: null, links: [producer, producer] }).end();
    spans.batch.start({}, { parent: null, links: [{ ...producer, traceFlags: 0 }] }).end();
    expect(observability.spans().map((span) => span.links)).toEqual([[producer]]);
  });

  it('counts what instruments add and shows series by their attributes', () => {
    const observability = createTestObservability();
    const { metrics } = observability.instruments(catalogue);
    const series = metrics.processed.series({ pipeline: 'flights' });
    series.add(3);
    series.add(4);
    observability.counter('orders_processed').add(2, { region: 'north' });
    expect(observability.value('sabot.messages.processed', { pipeline: 'flights' })).toBe(7);
    expect(observability.value('orders_processed', { region: 'north' })).toBe(2);
    series.remove();
    expect(observability.value('sabot.messages.processed')).toBeUndefined();
  });
});
