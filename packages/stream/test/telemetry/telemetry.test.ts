import { batchOf, defineSchema, timestamp, utf8 } from '@sabot/columnar';
import { createDisabledObservability } from '@sabot/core-observability';
import { createTestObservability } from '@sabot/core-observability/testing';
import { createMemorySnapshotStore, instrumentState } from '@sabot/state';
import { describe, expect, it } from 'vitest';
import { defineJob } from '../../src/plan/job.js';
import { startJob } from '../../src/runtime/start-job.js';
import { collectSink } from '../../src/sinks/memory-sinks.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { Stream } from '../../src/surface/stream.js';
import { instrumentStream, streamTelemetry } from '../../src/telemetry.js';
import { createMemoryCommitRegister } from '../../src/testing/memory-commit-register.js';
import { createSourceProbe } from '../../src/testing/source-probe.js';
import { tumbling } from '../../src/time/window-spec.js';

const schema = defineSchema({ key: utf8(), at: timestamp('ms') });
const batch = (...at: readonly number[]) => batchOf(schema, { key: at.map(() => 'k'), at });

async function observed(intervalMs = 60_000) {
  const observability = createTestObservability({ sampleRate: 1, detail: 'operator' });
  const probe = createSourceProbe(schema);
  const windows = Stream.from(probe, { name: 'in', eventTime: 'at' })
    .keyBy('key')
    .window(tumbling({ sizeMs: 10 }))
    .aggregate((a) => ({ rows: a.count() }), { name: 'w' });
  const register = createMemoryCommitRegister();
  const running = await startJob(defineJob('job', [windows.to(collectSink(), { name: 'out' })]), {
    decorators: [instrumentStream(observability)],
    checkpoint: { register, snapshots: createMemorySnapshotStore(), intervalMs },
  });
  return { observability, probe, register, running };
}

describe('instrumentStream', () => {
  it('publishes every declared metric of every operator while the job runs', async () => {
    const { observability, probe, running } = await observed(1);
    probe.push(batch(1, 2, 11));
    while (running.status().operators[0]?.stats.rowsOut !== 3) await new Promise((resolve) => setImmediate(resolve));
    expect(observability.value('sabot.messages.processed', { pipeline: 'job' })).toBe(3);
    expect(observability.value('sabot.operator.rows.in', { operator: 'w' })).toBe(3);
    expect(observability.value('sabot.operator.watermark.input', { operator: 'w' })).toBe(0.01);
    expect(observability.value('sabot.operator.state.entries', { operator: 'w' })).toBe(1);
    const elsewhere = new Set(['checkpoints', 'checkpointDuration', 'checkpointAlignment', 'checkpointSize']);
    for (const [name, metric] of Object.entries(streamTelemetry.metrics)) {
      if (!elsewhere.has(name)) expect(observability.points(metric.name), metric.name).not.toHaveLength(0);
    }
    while (running.status().checkpoints < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    for (const name of elsewhere) {
      const metric = streamTelemetry.metrics[name as keyof typeof streamTelemetry.metrics];
      expect(observability.points(metric.name), metric.name).not.toHaveLength(0);
    }
    await running.cancel();
  });

  it('splits the elapsed time of an operator into busy, idle and backpressured', async () => {
    const { observability, running } = await observed();
    await new Promise((resolve) => setTimeout(resolve, 60));
    const sum = observability.value('sabot.operator.time', { operator: 'w' }) ?? 0;
    expect(sum).toBeGreaterThan(0.03);
    expect(sum).toBeLessThan(5);
    await running.cancel();
  });

  it('makes a span per batch and chain, operators its children, chains of one batch one trace', async () => {
    const { observability, probe, running } = await observed();
    probe.push(batch(1));
    probe.end();
    await running.done;
    expect(observability.spans('stream_register')).toHaveLength(1);
    const batches = observability.spans('process_batch');
    expect(batches.map((span) => span.attributes['chain'])).toEqual(['in', 'out']);
    const children = observability.childrenOf(batches[0] as (typeof batches)[number]);
    expect(children.map((span) => [span.name, span.attributes['operator']])).toContainEqual(['process_operator', 'w']);
    expect(observability.spans('checkpoint').map((span) => span.attributes)).toMatchObject([
      { 'checkpoint.epoch': 2, 'checkpoint.final': true, 'checkpoint.outcome': 'committed' },
    ]);
  });

  it('nests operators under those that call them, and snapshots under their checkpoint', async () => {
    const observability = createTestObservability({ sampleRate: 1, detail: 'operator' });
    const stream = Stream.from(memorySource(schema, [batch(1)]), { name: 'in' })
      .tap(() => undefined, { name: 'first' })
      .tap(() => undefined, { name: 'second' });
    const counted = stream
      .keyBy('key')
      .process({ name: 'keyed', output: schema, state: {}, onRow: (row, { emit }) => emit(row) });
    const checkpoint = { register: createMemoryCommitRegister(), snapshots: createMemorySnapshotStore() };
    const decorators = [instrumentStream(observability), instrumentState(observability)];
    await (await startJob(defineJob('job', [counted.to(collectSink(), { name: 'out' })]), { decorators, checkpoint }))
      .done;
    const operators = observability.spans('process_operator');
    const parentOf = (id: string) => {
      const child = operators.find((span) => span.attributes['operator'] === id);
      const parent = [...operators, ...observability.spans('process_batch')].find(
        (span) => span.spanId === child?.parentSpanId,
      );
      return parent?.attributes['operator'] ?? parent?.attributes['chain'];
    };
    expect(['first', 'second', 'keyed'].map(parentOf)).toEqual(['in', 'first', 'second']);
    const [span] = observability.spans('checkpoint');
    expect(observability.spans('state_snapshot').map(({ parentSpanId }) => parentSpanId)).toEqual([span?.spanId]);
  });

  it('follows the level of detail from one batch to the next while the job runs', async () => {
    const { observability, probe, running } = await observed();
    const spansAt = async (
      detail: 'batch' | 'operator' | 'row',
    ): Promise<readonly [batches: number, operators: boolean]> => {
      observability.clearSpans();
      observability.detail = detail;
      probe.push(batch(1, 2, 3));
      while (observability.spans('process_batch').length < 1) await new Promise((resolve) => setImmediate(resolve));
      return [observability.spans('process_batch').length, observability.spans('process_operator').length > 0];
    };
    expect(await spansAt('operator')).toEqual([1, true]);
    expect(await spansAt('batch')).toEqual([1, false]);
    expect(await spansAt('row')).toEqual([1, true]);
    expect(await spansAt('batch')).toEqual([1, false]);
    await running.cancel();
  });

  it('wraps nothing when telemetry is off', () => {
    expect(instrumentStream(createDisabledObservability())).toEqual({});
  });

  it('leaves a way from the commit record to the checkpoint’s trace', async () => {
    const { observability, probe, register, running } = await observed();
    probe.end();
    await running.done;
    const [span] = observability.spans('checkpoint');
    expect(register.history.at(-1)?.trace).toBe(`00-${span?.traceId}-${span?.spanId}-01`);
  });

  it('marks the batch that failed, with the operator’s error', async () => {
    const observability = createTestObservability({ sampleRate: 1, detail: 'operator' });
    const failing = Stream.from(memorySource(schema, [batch(1)]), { name: 'in' }).tap(
      () => {
        throw new TypeError('boom');
      },
      { name: 'bad' },
    );
    const running = await startJob(defineJob('job', [failing.to(collectSink(), { name: 'out' })]), {
      decorators: [instrumentStream(observability)],
    });
    await running.done.catch(() => undefined);
    expect(observability.spans('process_batch')[0]?.status.code).toBe('error');
    expect(observability.spans('process_operator')[0]?.status.code).toBe('error');
  });

  it('takes the job’s series out of collection when it ends', async () => {
    const { observability, probe, running } = await observed();
    probe.end();
    await running.done;
    observability.points('sabot.operator.rows.in');
    expect(observability.points('sabot.operator.rows.in')).toHaveLength(0);
  });
});
