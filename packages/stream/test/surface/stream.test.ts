import { batchOf, defineSchema, int32, int64, timestamp, utf8 } from '@sabot/columnar';
import { describe, expect, it } from 'vitest';
import { defineJob } from '../../src/plan/job.js';
import { startJob } from '../../src/runtime/start-job.js';
import { collectSink } from '../../src/sinks/memory-sinks.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { Stream } from '../../src/surface/stream.js';
import { tumbling } from '../../src/time/window-spec.js';

const schema = defineSchema({ key: utf8(), at: timestamp('us'), delay: int64(), unused: int32() });
const rows = batchOf(schema, {
  key: ['a', 'b', 'a', 'c'],
  at: [1, 2, 3, 4],
  delay: [5n, 20n, 40n, 60n],
  unused: [0, 0, 0, 0],
});
const input = () => Stream.from(memorySource(schema, [rows]), { name: 'in', eventTime: 'at' });

async function rowsOfStream(
  stream: ReturnType<typeof input>['edge'] extends never
    ? never
    : { to: (sink: never, options: { name: string }) => never },
) {
  const sink = collectSink();
  await (await startJob(defineJob('job', [stream.to(sink as never, { name: 'out' })]))).done;
  return sink.rows();
}

describe('stream', () => {
  it('filters, derives, selects and renames, with the event time following its column', async () => {
    const stream = input()
      .filter((c) => c.delay.gt(10))
      .withColumns((c) => ({ late: c.delay.gt(30), unused: c.delay.mul(2) }))
      .select((c) => ({ key: c.key, when: c.at, late: c.late, doubled: c.unused }));
    expect(stream.eventTime).toBe('when');
    expect(await rowsOfStream(stream as never)).toEqual([
      { key: 'b', when: 2, late: false, doubled: 40n },
      { key: 'a', when: 3, late: true, doubled: 80n },
      { key: 'c', when: 4, late: true, doubled: 120n },
    ]);
  });

  it('fuses stateless neighbours and reads only the columns they need, and explains both', async () => {
    const stream = input()
      .filter((c) => c.delay.gt(10), { name: 'slow' })
      .select(['key', 'at'], { name: 'narrow' });
    const job = defineJob('job', [stream.to(collectSink(), { name: 'out' })]);
    expect(job.plan.nodes.map(({ id }) => id)).toEqual(['in', 'slow+narrow', 'out']);
    expect(job.plan.nodes[0]?.node).toMatchObject({ columns: ['key', 'at', 'delay'] });
    expect(job.explain()).toContain('rewrites: fuse-stateless, push-column-selection');
    expect(job.explain()).toMatchInlineSnapshot(`
      "job job

      as described
        in  [source memory, watermark bounded disorder 0 ms]  → (key: utf8, at: timestamp(us), delay: int64, unused: int32, time at)
        slow  [filter (delay > 10)]  ← in  → (key: utf8, at: timestamp(us), delay: int64, unused: int32, time at)
        narrow  [select key, at]  ← slow  → (key: utf8, at: timestamp(us), time at)
        out  [sink collect, none]  ← narrow

      as run (rewrites: fuse-stateless, push-column-selection)
        in  [source memory, reads key at delay, watermark bounded disorder 0 ms]  → (key: utf8, at: timestamp(us), delay: int64, unused: int32, time at)
        slow+narrow  [filter (delay > 10), then select key, at]  ← in  → (key: utf8, at: timestamp(us), time at)
        out  [sink collect, none]  ← slow+narrow
      "
    `);
    expect(await rowsOfStream(stream as never)).toEqual([
      { key: 'b', at: 2 },
      { key: 'a', at: 3 },
      { key: 'c', at: 4 },
    ]);
  });

  it('does not fuse or narrow what somebody else reads as it is', () => {
    const filtered = input().filter((c) => c.delay.gt(10), { name: 'slow' });
    const job = defineJob('job', [
      filtered.to(collectSink(), { name: 'all' }),
      filtered.select(['key'], { name: 'narrow' }).to(collectSink(), { name: 'keys' }),
    ]);
    expect(job.plan.nodes.map(({ id }) => id)).toEqual(['in', 'slow', 'all', 'narrow', 'keys']);
    expect(job.plan.nodes[0]?.node).toMatchObject({ columns: undefined });
  });

  it('splits into branches: the first condition that is true, else rest; null is not true', async () => {
    const { small, large, rest } = input().split(
      { small: (c) => c.delay.lt(30), large: (c) => c.delay.gt(50) },
      { name: 'split' },
    );
    const keys = async (stream: unknown) =>
      (await rowsOfStream(stream as never)).map((row) => [row['key'], row['delay']]);
    expect(await keys(small)).toEqual([
      ['a', 5n],
      ['b', 20n],
    ]);
    expect(await keys(large)).toEqual([['c', 60n]]);
    expect(await keys(rest)).toEqual([['a', 40n]]);
  });

  it('gives derived ids that follow from the path, and the same for the same program', () => {
    const make = () =>
      defineJob('job', [
        input()
          .keyBy('key')
          .window(tumbling({ sizeMs: 10 }))
          .aggregate((a) => ({ n: a.count() }))
          .to(collectSink()),
      ]);
    expect(make().plan.nodes.map(({ id }) => id)).toEqual(['in', 'in/window_aggregate', 'in/window_aggregate/sink']);
    expect(make().plan.nodes.map(({ id }) => id)).toEqual(make().plan.nodes.map(({ id }) => id));
  });

  it.each([
    [
      'two operators of one name',
      () =>
        defineJob('job', [
          input()
            .tap(() => undefined, { name: 'in' })
            .to(collectSink()),
        ]),
      'DUPLICATE_ID',
    ],
    ['a job without sinks', () => defineJob('job', []), 'PLAN_INVALID'],
    ['a name that cannot be an id', () => defineJob('no spaces', [input().to(collectSink())]), 'PLAN_INVALID'],
    ['an unknown column to select', () => input().select(['nothing' as 'key']), 'COLUMN_UNKNOWN'],
    [
      'a time column that is none',
      () => Stream.from(memorySource(schema, []), { eventTime: 'key' as 'at' }),
      'EVENT_TIME_MISSING',
    ],
    [
      'a window after the time column is gone',
      () =>
        input()
          .select(['key'])
          .keyBy('key')
          .window(tumbling({ sizeMs: 1 })),
      'EVENT_TIME_MISSING',
    ],
    ['a replaced time column', () => input().withColumns((c) => ({ at: c.at.addMs(1) })), 'PLAN_INVALID'],
    ['a window of no size', () => tumbling({ sizeMs: 0 }), 'OPTION_INVALID'],
    [
      'an aggregate named like a key',
      () =>
        input()
          .keyBy('key')
          .window(tumbling({ sizeMs: 1 }))
          .aggregate((a) => ({ key: a.count() })),
      'PLAN_INVALID',
    ],
    ['batches of half a row', () => Stream.from(memorySource(schema, []), { batchRows: 0.5 }), 'OPTION_INVALID'],
    ['a key that is no column', () => input().keyBy('nothing' as 'key'), 'PLAN_INVALID'],
  ])('refuses %s', (_what, make, code) => {
    expect(make).toThrow(expect.objectContaining({ code: `SABOT_STREAM_${code}` }));
  });
});
