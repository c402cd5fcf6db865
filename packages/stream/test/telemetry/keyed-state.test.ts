import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchOf, defineSchema, float64, timestamp, utf8 } from '@sabot/columnar';
import { openTelemetryStore, type SpanNode, startObservability, type TraceTree } from '@sabot/core-observability/sdk';
import {
  createMemorySnapshotStore,
  createMemoryStateStore,
  float64Codec,
  instrumentState,
  valueState,
} from '@sabot/state';
import { openLmdbStateStore } from '@sabot/state/lmdb';
import { expect, it, onTestFinished } from 'vitest';
import { defineJob } from '../../src/plan/job.js';
import { startJob } from '../../src/runtime/start-job.js';
import { collectSink } from '../../src/sinks/memory-sinks.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { Stream } from '../../src/surface/stream.js';
import { instrumentStream } from '../../src/telemetry.js';
import { createMemoryCommitRegister } from '../../src/testing/memory-commit-register.js';

const schema = defineSchema({ key: utf8(), at: timestamp('ms'), amount: float64() });
const totals = defineSchema({ key: utf8(), total: float64() });
const rows = batchOf(schema, { key: ['a', 'b', 'a'], at: [1, 2, 3], amount: [1, 2, 3] });

/** Totals by key, with a timer for each key, in a job that runs to its end; then what the telemetry store has about it. */
async function recorded(backend: 'memory' | 'lmdb') {
  const folder = mkdtempSync(join(tmpdir(), 'sabot-keyed-state-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const observability = await startObservability({
    sources: {
      env: {},
      flags: { telemetry: { enabled: true, mode: 'sabot', prometheusPort: null, storePath: folder } },
    },
  });
  const sums = Stream.from(memorySource(schema, [rows]), { name: 'in', eventTime: 'at' })
    .keyBy('key')
    .process({
      name: 'totals',
      output: totals,
      state: { total: valueState(float64Codec, { initial: () => 0 }) },
      onRow(row, { state, timer, timeMs }) {
        state.total.update((sum) => sum + row.amount);
        timer.eventTime(timeMs);
      },
      onTimer: (_, { key }, { state, emit }) => emit({ key, total: state.total.get() }),
    });
  const running = await startJob(defineJob('job', [sums.to(collectSink(), { name: 'out' })]), {
    decorators: [instrumentStream(observability), instrumentState(observability)],
    stateStore: () => (backend === 'memory' ? createMemoryStateStore() : openLmdbStateStore(join(folder, '.state'))),
    checkpoint: { register: createMemoryCommitRegister(), snapshots: createMemorySnapshotStore() },
  });
  await running.done;
  await observability.shutdown();
  const store = openTelemetryStore(folder);
  return { traces: await store.traces(), series: await store.metrics() };
}

/** Operation and count of each state span right under the span that `is` finds. */
function statesUnder(traces: readonly TraceTree[], is: (span: SpanNode['span']) => boolean): readonly string[] {
  const [parent] = traces.flatMap(({ roots }) => roots).filter(({ span }) => is(span));
  const children = parent?.children ?? [];
  return children.flatMap(({ span: { name, attributes } }) =>
    'state.count' in attributes ? [`${name} ${String(attributes['state.count'])}`] : [],
  );
}

it.each(['memory', 'lmdb'] as const)('says what a keyed job did with its state in %s', async (backend) => {
  const { series, traces } = await recorded(backend);
  // Two keys are read, three timers written; the batch's watermark is below the last row, so two timers come due with it.
  const inBatch = statesUnder(
    traces,
    ({ name, attributes }) => name === 'process_batch' && attributes['chain'] === 'in',
  );
  expect([...inBatch].sort()).toEqual(['state_delete 2', 'state_get 2', 'state_scan 1', 'state_set 3']);
  // The totals of the two keys are written once, whatever the number of rows was.
  expect(statesUnder(traces, ({ name }) => name === 'checkpoint')).toEqual(['state_set 2']);
  const counted = series
    .filter(({ attributes, descriptor }) => {
      return descriptor.name === 'sabot.state.operations' && attributes['state.backend'] === backend;
    })
    .map(({ attributes, latest }) => [attributes['state.operation'], latest.type === 'number' ? latest.value : -1]);
  expect(Object.fromEntries(counted)).toEqual({ get: 2, set: 5, scan: 4, delete: 3, restore: 1, snapshot: 1 });
});
