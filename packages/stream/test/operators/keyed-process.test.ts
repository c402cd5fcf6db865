import {
  batchOf,
  bool,
  defineSchema,
  dictionary,
  float64,
  int32,
  int64,
  nullable,
  rowsOf,
  timestamp,
  utf8,
} from '@sabot/columnar';
import { float64Codec, valueState } from '@sabot/state';
import { describe, expect, it } from 'vitest';
import { keyedProcess } from '../../src/operators/keyed-process-types.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { Stream } from '../../src/surface/stream.js';
import type { KeyedStream } from '../../src/surface/stream-types.js';
import { createOperatorHarness } from '../../src/testing/operator-harness.js';
import { createVirtualClock } from '../../src/testing/virtual-clock.js';

const schema = defineSchema({ key: utf8(), at: timestamp('ms'), value: float64() });
const input = () => Stream.from(memorySource(schema, []), { name: 'in', eventTime: 'at' });
const operatorOf = (stream: { readonly edge: { readonly node: unknown } }) => {
  const node = stream.edge.node as {
    readonly kind: string;
    readonly spec: { create(): Parameters<typeof createOperatorHarness>[0] };
  };
  return node.spec.create();
};

describe('keyed process', () => {
  it('keeps state per key, fires timers with the key before the watermark goes on, and survives a restart', async () => {
    const output = defineSchema({ key: utf8(), sum: float64(), at: timestamp('ms') });
    const sums = () =>
      operatorOf(
        input()
          .keyBy('key')
          .process({
            name: 'sums',
            output,
            state: { sum: valueState(float64Codec, { initial: () => 0 }) },
            onRow({ value }, { state, timer, timeMs }) {
              state.sum.update((sum) => sum + value);
              timer.eventTime(timeMs + 10);
              timer.eventTime(timeMs + 10);
            },
            onTimer(timeMs, { key }, { state, emit, timer }) {
              emit({ key, sum: state.sum.get(), at: timeMs });
              if (timeMs < 100) timer.eventTime(100);
            },
          }),
      );
    const first = await createOperatorHarness(sums());
    await first.process(batchOf(schema, { key: ['a', 'b', 'a'], at: [5, 5, 6], value: [1, 10, 2] }));
    await first.watermark(15);
    expect(first.takeEmitted().map((item) => ('batch' in item ? [...rowsOf(item.batch)] : item.signal))).toEqual([
      [
        { key: 'a', sum: 3, at: 15 },
        { key: 'b', sum: 10, at: 15 },
      ],
      { kind: 'watermark', timeMs: 15 },
    ]);
    const second = await createOperatorHarness(sums(), {}, [await first.checkpoint(1)]);
    await second.process(batchOf(schema, { key: ['a'], at: [50], value: [4] }));
    await second.watermark(Number.POSITIVE_INFINITY);
    expect(second.batches().flatMap((batch) => [...rowsOf(batch)])).toEqual([
      { key: 'a', sum: 7, at: 16 },
      { key: 'a', sum: 7, at: 60 },
      { key: 'a', sum: 7, at: 100 },
      { key: 'b', sum: 10, at: 100 },
    ]);
  });

  it('keys by several columns of any key type, null being a key, and gives them back to timers', async () => {
    const keys = {
      text: utf8(),
      word: dictionary(),
      small: int32(),
      big: int64(),
      flag: bool(),
      real: float64(),
      day: timestamp('us'),
      maybe: nullable(utf8()),
    };
    const wide = defineSchema({ ...keys, at: timestamp('ms') });
    const seen: unknown[] = [];
    const stream = Stream.from(memorySource(wide, []), { eventTime: 'at' });
    const names = ['text', 'word', 'small', 'big', 'flag', 'real', 'day', 'maybe'] as const;
    const operator = operatorOf(
      stream.keyBy(...names).process({
        name: 'wide',
        output: wide,
        state: { rows: valueState(float64Codec, { initial: () => 0 }) },
        onRow: (_row, { state, timer, timeMs }) => {
          state.rows.update((rows) => rows + 1);
          timer.eventTime(timeMs);
        },
        onTimer: (_timeMs, key, { state }) => void seen.push([{ ...key }, state.rows.get()]),
      }),
    );
    const row = {
      text: ['a\0b', 'a\0b', ''],
      word: ['w', 'w', 'w'],
      small: [-1, -1, 2],
      big: [-(2n ** 60n), -(2n ** 60n), 3n],
      flag: [true, true, false],
      real: [0.5, 0.5, -1],
      day: [-7, -7, 1],
      maybe: [null, null, 'x'],
      at: [1, 1, 2],
    };
    const harness = await createOperatorHarness(operator);
    await harness.process(batchOf(wide, row));
    await harness.watermark(10);
    expect(seen).toEqual([
      [{ text: 'a\0b', word: 'w', small: -1, big: -(2n ** 60n), flag: true, real: 0.5, day: -7, maybe: null }, 2],
      [{ text: '', word: 'w', small: 2, big: 3n, flag: false, real: -1, day: 1, maybe: 'x' }, 1],
    ]);
  });

  it('takes a definition made elsewhere where its columns and key are found, and refuses it elsewhere', async () => {
    const narrow = defineSchema({ key: utf8(), value: float64() });
    const definition = keyedProcess({
      name: 'narrow',
      input: narrow,
      key: 'key',
      output: narrow,
      state: {},
      onRow: ({ key, value }, { emit }) => emit({ key, value: value * 2 }),
    });
    const harness = await createOperatorHarness(operatorOf(input().keyBy('key').process(definition)));
    await harness.process(batchOf(schema, { key: ['a'], at: [5], value: [1] }));
    expect(harness.batches().flatMap((batch) => [...rowsOf(batch)])).toEqual([{ key: 'a', value: 2 }]);
    const others = input().select((c) => ({ key: c.key, at: c.at }));
    type Any = KeyedStream<(typeof narrow)['fields'], 'key', 'no-time'>;
    expect(() => (others.keyBy('key') as unknown as Any).process(definition)).toThrow(
      /reads column "value" as float64, which is missing/,
    );
    expect(() => (input().keyBy('value') as unknown as Any).process(definition)).toThrow(/it is defined by key key/);
  });
});

describe('timers of processing time', () => {
  const output = defineSchema({ key: utf8(), at: timestamp('ms') });
  const alarms = () =>
    operatorOf(
      input()
        .keyBy('key')
        .process({
          name: 'alarms',
          output,
          state: {},
          onRow({ value }, { timer, nowMs }) {
            if (value < 0) timer.cancelProcessingTime(nowMs - value);
            else timer.processingTime(nowMs + value);
          },
          onProcessingTimer: (at, { key }, { emit }) => emit({ key, at }),
        }),
    );
  const send = (harness: Awaited<ReturnType<typeof createOperatorHarness>>, key: string, value: number) =>
    harness.process(batchOf(schema, { key: [key], at: [0], value: [value] }));
  const fired = (harness: Awaited<ReturnType<typeof createOperatorHarness>>) =>
    harness.batches().flatMap((batch) => rowsOf(batch).map((row) => `${row['key']}@${row['at']}`));

  it('fire once per (key, time), in time order, by the clock alone, and not when taken back', async () => {
    const clock = createVirtualClock(1000);
    const harness = await createOperatorHarness(alarms(), { clock });
    await send(harness, 'a', 20);
    await send(harness, 'b', 10);
    await send(harness, 'a', 20);
    await send(harness, 'c', 15);
    await send(harness, 'c', -15);
    await harness.watermark(5000);
    expect(fired(harness)).toEqual([]);
    clock.advance(10);
    expect(fired(harness)).toEqual(['b@1010']);
    clock.advance(100);
    expect(fired(harness)).toEqual(['b@1010', 'a@1020']);
    expect(harness.operator.stats.firedTimers).toBe(2);
  });

  it('survive a restart, those that came due meanwhile fire at once, and the end of the stream brings the others', async () => {
    const clock = createVirtualClock(1000);
    const first = await createOperatorHarness(alarms(), { clock });
    await send(first, 'a', 20);
    await send(first, 'b', 500);
    const checkpoint = await first.checkpoint(1);
    await first.close();
    clock.advance(100);
    const second = await createOperatorHarness(alarms(), { clock }, [checkpoint]);
    expect(fired(second)).toEqual(['a@1020']);
    await second.watermark(Number.POSITIVE_INFINITY);
    expect(fired(second)).toEqual(['a@1020', 'b@1500']);
  });
});
