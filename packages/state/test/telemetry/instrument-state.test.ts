import { createTestObservability } from '@sabot/core-observability/testing';
import { describe, expect, it } from 'vitest';
import { createMemorySnapshotStore } from '../../src/snapshot/memory-snapshot-store.js';
import { createMemoryStateStore } from '../../src/store/memory-store.js';
import type { StateStore } from '../../src/store/state-store.js';
import { instrumentState } from '../../src/telemetry.js';
import { stateStoreConformance } from '../../src/testing/state-store-conformance.js';

const text = (value: string) => new TextEncoder().encode(value);
const meta = { job: 'flights', operatorId: 'statistics' };
const labels = { pipeline: 'flights', operator: 'statistics', 'state.backend': 'memory' };
const sampled = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 };

/** An operator that reads a key twice and writes one by batch. */
class CountingOperator {
  private store: StateStore | undefined;
  #batches = 0;
  readonly stats = { rowsIn: 0 };

  open(context: { state(): StateStore }): void {
    this.store = context.state();
  }

  process(batch: { readonly key: string }): void {
    this.#batches++;
    const key = text(batch.key);
    this.store?.get(key);
    this.store?.get(key);
    this.store?.put(key, text(String(this.#batches)));
  }

  count(): number {
    return this.#batches;
  }
}

function running(trace: typeof sampled | undefined, detail: 'batch' | 'operator' | 'row' = 'operator') {
  const observability = createTestObservability({ detail });
  const decorator = instrumentState(observability);
  const operator = decorator.operator(new CountingOperator(), meta);
  const store = decorator.stateStore(createMemoryStateStore(), meta);
  const context = { state: () => store, trace: () => trace };
  operator.open(context);
  return { observability, decorator, operator, store };
}

for (const { name, run } of stateStoreConformance('a metered store', async () =>
  instrumentState(createTestObservability()).stateStore(createMemoryStateStore(), meta),
)) {
  it(name, run);
}

it('counts operations, entries and bytes at collection', async () => {
  const { observability, operator, store } = running(undefined);
  for (const key of ['a', 'b', 'a']) operator.process({ key });
  expect(operator.count()).toBe(3);
  expect(operator.stats).toEqual({ rowsIn: 0 });
  const of = (operation: string) =>
    observability.value('sabot.state.operations', { ...labels, 'state.operation': operation });
  expect([of('get'), of('set'), of('delete'), of('scan')]).toEqual([6, 3, 0, 0]);
  expect(observability.value('sabot.state.entries', labels)).toBe(2);
  expect(observability.value('sabot.state.size', labels)).toBe(4);
  expect(observability.spans('state_get')).toEqual([]);
  await store[Symbol.asyncDispose]();
  expect(observability.points('sabot.state.entries')).toEqual([]);
});

it('folds the operations of a sampled batch into one span by operation', () => {
  const { observability, operator } = running(sampled);
  operator.process({ key: 'a' });
  const [get] = observability.spans('state_get');
  expect(observability.spans('state_get')).toHaveLength(1);
  expect(get).toMatchObject({ parentSpanId: sampled.spanId, attributes: { ...labels, 'state.count': 2 } });
  expect(observability.spans('state_set')).toHaveLength(1);
  expect(observability.spans('state_delete')).toEqual([]);
});

it('makes a span for each operation at detail row, and none at detail batch', () => {
  const rows = running(sampled, 'row');
  rows.operator.process({ key: 'a' });
  expect(rows.observability.spans('state_get')).toHaveLength(2);
  const batches = running(sampled, 'batch');
  batches.operator.process({ key: 'a' });
  expect(batches.observability.spans('state_get')).toEqual([]);
});

describe('what an operator writes back before a snapshot', () => {
  const writingBack = (detail: 'batch' | 'operator' | 'row', fails = false) => {
    const observability = createTestObservability({ detail });
    const decorator = instrumentState(observability);
    class CachingOperator extends CountingOperator {
      snapshot(_epoch: number): undefined {
        for (const key of ['a', 'b', 'c']) store.put(text(key), text('1'));
        if (fails) throw new TypeError('boom');
      }
    }
    const operator = decorator.operator(new CachingOperator(), meta);
    const store = decorator.stateStore(createMemoryStateStore(), meta);
    operator.open({ state: () => store });
    return { observability, operator, store };
  };
  const durationsOf = ({ observability }: ReturnType<typeof writingBack>) =>
    observability
      .points('sabot.state.operation.duration')
      .flatMap((point) => (point.type === 'histogram' && point.count > 0 ? [point.attributes['state.operation']] : []));

  it.each(['operator', 'row'] as const)('is one span in the trace of the snapshot at detail %s', (detail) => {
    const parts = writingBack(detail);
    parts.operator.snapshot(1);
    expect(parts.observability.spans('state_set')).toEqual([]);
    parts.store.snapshot(1, sampled).abandon();
    const [set, ...others] = parts.observability.spans('state_set');
    expect(set).toMatchObject({ parentSpanId: sampled.spanId, attributes: { ...labels, 'state.count': 3 } });
    expect(others).toEqual([]);
    parts.store.snapshot(2, sampled).abandon();
    expect(parts.observability.spans('state_set')).toHaveLength(1);
  });

  it('is no span at detail batch or in a snapshot that is not sampled, and is measured all the same', () => {
    for (const [detail, trace] of [
      ['batch', sampled],
      ['operator', { ...sampled, traceFlags: 0 }],
      ['operator', undefined],
    ] as const) {
      const parts = writingBack(detail);
      parts.operator.snapshot(1);
      parts.store.snapshot(1, trace).abandon();
      expect(parts.observability.spans('state_set')).toEqual([]);
      expect(durationsOf(parts)).toEqual(['set']);
    }
  });

  it('does not become part of a later batch when it fails', () => {
    const parts = writingBack('operator', true);
    expect(() => parts.operator.snapshot(1)).toThrow('boom');
    parts.store.snapshot(1, sampled).abandon();
    expect(parts.observability.spans('state_set')).toEqual([]);
    expect(durationsOf(parts)).toEqual(['set']);
  });
});

it('makes a span and a size of each snapshot, and a span of a restore', async () => {
  const { observability, store } = running(undefined);
  store.put(text('a'), text('1'));
  const snapshot = store.snapshot(1);
  const bytes = snapshot.bytes();
  await snapshot.confirm();
  store.snapshot(2).abandon();
  await store.restore([{ epoch: 1, bytes }]);
  const [first, second] = observability.spans('state_snapshot');
  expect(first?.attributes).toMatchObject({
    'state.epoch': 1,
    'state.full': true,
    'state.size': bytes.length,
    'state.outcome': 'confirmed',
  });
  expect(second?.attributes).toMatchObject({ 'state.epoch': 2, 'state.full': false, 'state.outcome': 'abandoned' });
  expect(observability.spans('state_restore')[0]?.attributes).toMatchObject({
    'state.count': 1,
    'state.size': bytes.length,
  });
  expect(observability.value('sabot.state.operations', { ...labels, 'state.operation': 'snapshot' })).toBe(2);
  await expect(store.restore([{ epoch: 9, bytes }])).rejects.toMatchObject({ code: 'SABOT_STATE_CHAIN_BROKEN' });
  expect(observability.spans('state_restore')[1]?.status.code).toBe('error');
});

it('counts the bytes of a snapshot store and times its operations by outcome', async () => {
  const observability = createTestObservability();
  const snapshots = instrumentState(observability).snapshots(createMemorySnapshotStore());
  await snapshots.put('a', text('123'));
  await snapshots.get('a');
  await snapshots.list('');
  await snapshots.delete('a');
  await expect(snapshots.get('a')).rejects.toMatchObject({ code: 'SABOT_STATE_SNAPSHOT_MISSING' });
  expect(observability.value('sabot.snapshots.bytes', { 'snapshots.operation': 'put' })).toBe(3);
  expect(observability.value('sabot.snapshots.bytes', { 'snapshots.operation': 'get' })).toBe(3);
  const outcomes = observability.points('sabot.snapshots.operation.duration').map((point) => point.attributes);
  expect(outcomes).toContainEqual({ 'snapshots.operation': 'get', 'snapshots.outcome': 'failed' });
});
