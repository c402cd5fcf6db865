import { type Batch, batchOf, defineSchema, int32, timestamp, utf8 } from '@sabot/columnar';
import { float64Codec, valueState } from '@sabot/state';
import { describe, expect, it } from 'vitest';
import { defineJob } from '../../../src/plan/job.js';
import { startJob } from '../../../src/runtime/start-job.js';
import { collectSink } from '../../../src/sinks/memory-sinks.js';
import { memorySource } from '../../../src/sources/memory-source.js';
import { Stream } from '../../../src/surface/stream.js';
import { operatorConformance } from '../../../src/testing/operator-conformance.js';
import { createSourceProbe } from '../../../src/testing/source-probe.js';

const schema = defineSchema({ key: utf8(), at: timestamp('ms'), value: int32() });
const rules = defineSchema({ limit: int32() });
const rows = (...values: readonly number[]) =>
  batchOf(schema, { key: values.map((value) => `k${value % 2}`), at: values, value: values });
const limit = (value: number) => batchOf(rules, { limit: [value] });

const zero = { initial: () => 0 };
const over = (input: Stream<(typeof schema)['fields'], 'event-time'>, control: Stream<(typeof rules)['fields']>) =>
  input.keyBy('key').broadcast(control, {
    name: 'over',
    output: schema,
    state: { seen: valueState(float64Codec, zero) },
    shared: { limit: valueState(float64Codec, zero) },
    onBroadcast: (row, shared) => shared.limit.set(row.limit),
    onRow(row, { state, emit }, shared) {
      state.seen.set(state.seen.get() + 1);
      if (row.value > shared.limit.get()) emit({ key: row.key, at: row.at, value: state.seen.get() });
    },
  });
const input = () => Stream.from(memorySource(schema, []), { eventTime: 'at' });
const control = () => Stream.from(memorySource(rules, []));

describe('broadcast', () => {
  const { node } = over(input(), control()).edge;
  const create = () => {
    if (node.kind !== 'operator') throw new TypeError('no operator');
    return node.spec.create();
  };
  const step = (batch: Batch, from: number) => ({ batch, input: from });
  const scenario = [step(limit(3), 1), step(rows(1, 2, 5, 7), 0), step(limit(6), 1), step(rows(6, 8, 9, 4), 0)];
  for (const { name, run } of operatorConformance('broadcast', () => ({ create, scenario }))) it(name, run);

  it('shows every key what has been broadcast, beside the states of its own', async () => {
    const [source, changes] = [createSourceProbe(schema), createSourceProbe(rules)];
    const stream = over(
      Stream.from(source, { name: 'rows', eventTime: 'at' }),
      Stream.from(changes, { name: 'rules' }),
    );
    const sink = collectSink<(typeof schema)['fields']>();
    const running = await startJob(defineJob('job', [stream.to(sink)]));
    const seen = () => sink.rows().map(({ key, value }) => `${key} ${value}`);
    source.push(rows(1, 2));
    await expect.poll(seen).toEqual(['k1 1', 'k0 1']);
    changes.push(limit(10));
    await expect.poll(() => running.status().operators.find(({ id }) => id === 'over')?.stats.rowsIn).toBe(3);
    source.push(rows(3, 4, 11, 12));
    await expect.poll(seen).toEqual(['k1 1', 'k0 1', 'k1 3', 'k0 3']);
    await running.cancel();
  });

  it('refuses a name that is both shared and of a key', () => {
    const clash = () =>
      input()
        .keyBy('key')
        .broadcast(control(), {
          name: 'clash',
          output: schema,
          state: { limit: valueState(float64Codec, zero) },
          shared: { limit: valueState(float64Codec, zero) },
          onRow: () => undefined,
          onBroadcast: () => undefined,
        });
    expect(clash).toThrow(expect.objectContaining({ code: 'SABOT_STREAM_PLAN_INVALID' }));
  });
});
