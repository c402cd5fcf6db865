import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Batch, batchOf, defineSchema, float64, rowsOf, timestamp, utf8 } from '@sabot/columnar';
import { createMemorySnapshotStore, float64Codec, valueState } from '@sabot/state';
import { openLmdbStateStore } from '@sabot/state/lmdb';
import { describe, expect, it } from 'vitest';
import { passingOperator } from '../../src/operators/passing-operator.js';
import { defineJob } from '../../src/plan/job.js';
import { startJob } from '../../src/runtime/start-job.js';
import { collectSink, forEachSink } from '../../src/sinks/memory-sinks.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { Stream } from '../../src/surface/stream.js';
import { createMemoryCommitRegister } from '../../src/testing/memory-commit-register.js';
import { createSinkProbe } from '../../src/testing/sink-probe.js';
import { createSourceProbe } from '../../src/testing/source-probe.js';
import { tumbling } from '../../src/time/window-spec.js';

const schema = defineSchema({ key: utf8(), at: timestamp('ms') });
const batchAt = (...times: readonly number[]) =>
  batchOf(schema, { key: times.map((at) => (at % 2 === 0 ? 'even' : 'odd')), at: times });
const totalsSchema = defineSchema({ key: utf8(), at: timestamp('ms'), total: float64() });
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);
const turns = (count: number) =>
  range(0, count).reduce(
    (before) => before.then(() => new Promise((resolve) => setImmediate(resolve))),
    Promise.resolve<unknown>(undefined),
  );

function counting(source: Parameters<typeof Stream.from>[0]) {
  return Stream.from(source as ReturnType<typeof memorySource<typeof schema.fields>>, { name: 'in', eventTime: 'at' })
    .keyBy('key')
    .process({
      name: 'count',
      output: totalsSchema,
      state: { total: valueState(float64Codec, { initial: () => 0 }) },
      onRow(row, { state, emit }) {
        const total = state.total.get() + 1;
        state.total.set(total);
        emit({ key: row.key, at: row.at, total });
      },
    });
}

describe('startJob', () => {
  it('runs a bounded job through windows, keyed state and several sinks of one source, and finishes', async () => {
    const flights = Stream.from(memorySource(schema, [batchAt(0, 1, 2), batchAt(3, 10, 11, 21)]), {
      name: 'in',
      eventTime: 'at',
      batchRows: 2,
    });
    const windows = collectSink<(typeof hourly)['schema']['fields']>();
    const hourly = flights
      .keyBy('key')
      .window(tumbling({ sizeMs: 10 }))
      .aggregate((a) => ({ rows: a.count() }), { name: 'w' });
    const raw = collectSink<typeof schema.fields>();
    const running = await startJob(
      defineJob('job', [hourly.to(windows, { name: 'windows' }), flights.to(raw, { name: 'raw' })]),
    );
    const result = await running.done;
    expect(result).toMatchObject({ state: 'finished', rowsIn: 7, rowsOut: 12, lateRows: 0 });
    expect(raw.rows().map(({ at }) => at)).toEqual([0, 1, 2, 3, 10, 11, 21]);
    expect(windows.rows().map(({ key, windowStart, rows }) => [key, windowStart, rows])).toEqual([
      ['even', 0, 2n],
      ['odd', 0, 2n],
      ['even', 10, 1n],
      ['odd', 10, 1n],
      ['odd', 20, 1n],
    ]);
  });

  it('accounts for all of each operator’s time', async () => {
    const source = memorySource(
      schema,
      range(0, 50).map((at) => batchAt(at)),
    );
    const running = await startJob(
      defineJob('job', [
        counting(source).to(
          forEachSink(() => new Promise((resolve) => setTimeout(resolve, 1))),
          { name: 'slow' },
        ),
      ]),
      { channelBytes: 1 },
    );
    await running.done;
    for (const { times } of running.status().operators)
      expect(Math.min(times.busyMs, times.idleMs, times.backpressuredMs)).toBeGreaterThanOrEqual(0);
    const [source1, , sink] = running.status().operators;
    expect(source1?.times.backpressuredMs).toBeGreaterThan(20);
    expect(sink?.times.busyMs).toBeGreaterThan(40);
  });

  it('holds the source back while a sink is slow', async () => {
    const probe = createSourceProbe(schema);
    const sink = createSinkProbe<typeof schema.fields>();
    for (const at of range(0, 50)) probe.push(batchAt(at));
    probe.end();
    let release: () => void = () => undefined;
    sink.holdUntil(
      new Promise((resolve) => {
        release = resolve;
      }),
    );
    const running = await startJob(defineJob('job', [Stream.from(probe, { name: 'in' }).to(sink, { name: 'out' })]), {
      channelBytes: 64,
    });
    await turns(50);
    expect(probe.delivered).toBeLessThan(12);
    release();
    await running.done;
    expect(sink.committed()).toHaveLength(50);
  });

  it('goes on from the last checkpoint after a cancellation, with output as if nothing had happened', async () => {
    const register = createMemoryCommitRegister();
    const snapshots = createMemorySnapshotStore();
    const probe = createSourceProbe(schema);
    const sink = createSinkProbe<typeof totalsSchema.fields>();
    const job = () => defineJob('job', [counting(probe).to(sink, { name: 'out' })]);
    probe.push(batchAt(0, 1, 2));
    const first = await startJob(job(), { checkpoint: { register, snapshots, intervalMs: 5 } });
    while (sink.committed().length < 3) await turns(5);
    await first.cancel();
    probe.push(batchAt(3, 4));
    probe.end();
    const second = await startJob(job(), { checkpoint: { register, snapshots } });
    expect(await second.done).toMatchObject({ state: 'finished', rowsIn: 2 });
    expect(sink.committed().map(({ key, total }) => [key, total])).toEqual([
      ['even', 1],
      ['odd', 1],
      ['even', 2],
      ['odd', 2],
      ['even', 3],
    ]);
    const third = await startJob(job(), { checkpoint: { register, snapshots } });
    expect(await third.done).toMatchObject({ state: 'finished', rowsIn: 0 });
    expect(probe.open).toBe(0);
    expect(sink.calls.open).toBe(0);
  });

  it('drains: what has been read is committed, windows stay open, and the next start goes on', async () => {
    const register = createMemoryCommitRegister();
    const snapshots = createMemorySnapshotStore();
    const probe = createSourceProbe(schema);
    const sink = createSinkProbe();
    const job = () => {
      const rows = Stream.from(probe, { name: 'in', eventTime: 'at' })
        .keyBy('key')
        .window(tumbling({ sizeMs: 10 }))
        .aggregate((a) => ({ rows: a.count() }), { name: 'w' });
      return defineJob('job', [rows.to(sink as never, { name: 'out' })]);
    };
    probe.push(batchAt(0, 2));
    const first = await startJob(job(), { checkpoint: { register, snapshots } });
    while (first.status().operators[0]?.stats.rowsOut !== 2) await turns(1);
    expect(await first.drain()).toMatchObject({ state: 'drained', rowsIn: 2, rowsOut: 0 });
    probe.push(batchAt(4, 12));
    probe.end();
    await (await startJob(job(), { checkpoint: { register, snapshots } })).done;
    expect(sink.committed().map((row) => [row['key'], row['windowStart'], row['rows']])).toEqual([
      ['even', 0, 3n],
      ['even', 10, 1n],
    ]);
  });

  it('fences an older owner: its next commit fails and it stops', async () => {
    const register = createMemoryCommitRegister();
    const snapshots = createMemorySnapshotStore();
    const probe = createSourceProbe(schema);
    const job = () =>
      defineJob('job', [
        Stream.from(probe, { name: 'in' }).to(createSinkProbe<typeof schema.fields>(), { name: 'out' }),
      ]);
    const older = await startJob(job(), { checkpoint: { register, snapshots, intervalMs: 5 } });
    const newer = await startJob(job(), { checkpoint: { register, snapshots } });
    await expect(older.done).rejects.toMatchObject({ code: 'SABOT_STREAM_FENCED' });
    await newer.cancel();
  });

  it('names the operator whose function threw, and rejects nothing that nobody awaits', async () => {
    const stream = Stream.from(memorySource(schema, [batchAt(1)]), { name: 'in' }).tap(
      () => {
        throw new TypeError('boom');
      },
      { name: 'bad' },
    );
    const running = await startJob(defineJob('job', [stream.to(collectSink(), { name: 'out' })]));
    await turns(20);
    expect(running.status()).toMatchObject({ state: 'failed', error: { code: 'SABOT_STREAM_OPERATOR_FAILED' } });
    await expect(running.done).rejects.toThrow(/operator "bad" of job "job" failed: boom/);
    expect(running.status().operators.find(({ id }) => id === 'bad')?.stats.errors).toBe(1);
  });

  it.each(['write', 'prepare', 'commit'] as const)('fails with the sink named when its %s rejects', async (call) => {
    const sink = createSinkProbe<typeof schema.fields>();
    sink.failNext(call, new Error('disk full'));
    const running = await startJob(
      defineJob('job', [Stream.from(memorySource(schema, [batchAt(1)]), { name: 'in' }).to(sink, { name: 'out' })]),
    );
    await expect(running.done).rejects.toMatchObject({
      code: 'SABOT_STREAM_SINK_FAILED',
      message: expect.stringContaining('"out"'),
    });
    expect(sink.calls.open).toBe(0);
  });

  it('fails with the source named when a poll rejects', async () => {
    const probe = createSourceProbe(schema);
    probe.push(batchAt(1));
    probe.fail(new Error('connection reset'));
    const running = await startJob(
      defineJob('job', [Stream.from(probe, { name: 'in' }).to(collectSink(), { name: 'out' })]),
    );
    await expect(running.done).rejects.toMatchObject({
      code: 'SABOT_STREAM_SOURCE_FAILED',
      message: expect.stringContaining('"in"'),
    });
    expect(probe.open).toBe(0);
  });

  it('cancels by signal while a sink never answers', async () => {
    const sink = createSinkProbe<typeof schema.fields>();
    sink.holdUntil(new Promise(() => undefined));
    const abort = new AbortController();
    const running = await startJob(
      defineJob('job', [Stream.from(memorySource(schema, [batchAt(1)]), { name: 'in' }).to(sink, { name: 'out' })]),
      { signal: abort.signal },
    );
    await turns(5);
    abort.abort();
    expect(await running.done).toMatchObject({ state: 'cancelled' });
  });

  it('cancels when draining passes its deadline', async () => {
    const sink = createSinkProbe<typeof schema.fields>();
    sink.holdUntil(new Promise(() => undefined));
    const running = await startJob(
      defineJob('job', [Stream.from(memorySource(schema, [batchAt(1)]), { name: 'in' }).to(sink, { name: 'out' })]),
    );
    await turns(5);
    expect(await running.drain({ deadlineMs: 10 })).toMatchObject({ state: 'cancelled' });
  });

  it('unites streams, with the slower one holding time back', async () => {
    const fast = createSourceProbe(schema);
    const slow = createSourceProbe(schema);
    const windows = collectSink();
    const from = (probe: typeof fast, name: string) => Stream.from(probe, { name, eventTime: 'at' });
    const united = from(fast, 'fast')
      .union([from(slow, 'slow')])
      .keyBy('key')
      .window(tumbling({ sizeMs: 10 }))
      .aggregate((a) => ({ rows: a.count() }), { name: 'w' });
    const running = await startJob(defineJob('job', [united.to(windows as never, { name: 'out' })]));
    fast.push(batchAt(0, 30));
    await turns(20);
    expect(windows.rows()).toEqual([]);
    slow.push(batchAt(2, 12));
    await turns(20);
    expect(windows.rows().map((row) => [row['windowStart'], row['rows']])).toEqual([[0, 2n]]);
    slow.end();
    fast.end();
    await running.done;
    expect(windows.rows().map((row) => [row['windowStart'], row['rows']])).toEqual([
      [0, 2n],
      [10, 1n],
      [30, 1n],
    ]);
  });

  it('reads a bounded input to its end before the others, with checkpoints waiting for it', async () => {
    const register = createMemoryCommitRegister();
    const table = createSourceProbe(schema);
    const order: string[] = [];
    const stream = Stream.from(memorySource(schema, [batchAt(1), batchAt(2)]), { name: 'stream' });
    const joined = stream.apply(
      {
        kind: 'ordered',
        schema,
        readsFirst: [1],
        create: () => ({
          ...passingOperator(() => undefined),
          process: (batch: Batch, input: number) => void order.push(`${input}:${rowsOf(batch)[0]?.['at']}`),
        }),
      },
      Stream.from(table, { name: 'table' }),
    );
    const running = await startJob(defineJob('job', [joined.to(collectSink(), { name: 'out' })]), {
      checkpoint: { register, snapshots: createMemorySnapshotStore(), intervalMs: 1 },
    });
    table.push(batchAt(10));
    await turns(30);
    table.push(batchAt(11));
    await turns(30);
    table.end();
    await running.done;
    expect(order).toEqual(['1:10', '1:11', '0:1', '0:2']);
  });

  it('refuses a checkpoint that holds state of an operator that is gone', async () => {
    const checkpoint = { register: createMemoryCommitRegister(), snapshots: createMemorySnapshotStore() };
    const probe = createSourceProbe(schema);
    probe.push(batchAt(1));
    const first = await startJob(defineJob('job', [counting(probe).to(createSinkProbe(), { name: 'out' })]), {
      checkpoint,
    });
    while (first.status().operators[0]?.stats.rowsOut !== 1) await turns(1);
    await first.drain();
    const other = defineJob('job', [Stream.from(probe, { name: 'in' }).to(createSinkProbe(), { name: 'out' })]);
    await expect(startJob(other, { checkpoint })).rejects.toMatchObject({
      code: 'SABOT_STREAM_LAYOUT_CHANGED',
      message: expect.stringContaining('"count"'),
    });
    await expect(
      startJob(defineJob('another', [Stream.from(probe).to(createSinkProbe())]), { checkpoint }),
    ).rejects.toMatchObject({ code: 'SABOT_STREAM_JOB_MISMATCH' });
  });

  it('begins with empty state without a register, whatever a persistent store holds from a former run', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sabot-fresh-'));
    for (const run of ['first', 'second']) {
      const sink = collectSink<typeof totalsSchema.fields>();
      const job = defineJob('job', [counting(memorySource(schema, [batchAt(0, 2)])).to(sink, { name: 'out' })]);
      await (await startJob(job, { stateStore: () => openLmdbStateStore(folder) })).done;
      expect(
        sink.rows().map(({ total }) => total),
        run,
      ).toEqual([1, 2]);
    }
    await rm(folder, { recursive: true, force: true });
  });
});
