import { type Batch, batchOf, bool, defineSchema, int64, rowsOf, timestamp, utf8 } from '@sabot/columnar';
import { describe, expect, it } from 'vitest';
import type { Operator } from '../../src/ports/operator.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { Stream } from '../../src/surface/stream.js';
import type { WindowOptions } from '../../src/surface/stream-options.js';
import { createOperatorHarness } from '../../src/testing/operator-harness.js';
import { WatermarkMerger } from '../../src/time/watermark-merger.js';
import { boundedDisorder, monotonic, punctuated } from '../../src/time/watermark-strategy.js';
import { hopping, session, type TimeWindow, tumbling } from '../../src/time/window-spec.js';

/** One test per sentence of the rules, named after it; docs/window-rules.md says which mutation turns each red. */
const schema = defineSchema({ key: utf8(), at: timestamp('ms'), n: int64() });
const END = Number.POSITIVE_INFINITY;
type Row = readonly [key: string, at: number, n?: number];

async function windowed(window: TimeWindow, options?: WindowOptions<'accumulating' | 'discarding'>) {
  const stream = Stream.from(memorySource(schema, []), { eventTime: 'at' })
    .keyBy('key')
    .window(window, options)
    .aggregate((a) => ({ rows: a.count() }));
  return driverOf(stream);
}

async function retracting(window: TimeWindow, allowedLatenessMs: number) {
  const stream = Stream.from(memorySource(schema, []), { eventTime: 'at' })
    .keyBy('key')
    .window(window, { allowedLatenessMs, results: 'retracting' })
    .aggregate((a) => ({ rows: a.count() }));
  return driverOf(stream);
}

async function driverOf(stream: unknown) {
  const { spec } = (stream as { edge: { node: { spec: { create(): Operator } } } }).edge.node;
  const harness = await createOperatorHarness(spec.create());
  const lines = (port: number) => harness.batches(port).flatMap((batch: Batch) => [...rowsOf(batch)]);
  return {
    stats: harness.operator.stats,
    watermark: harness.watermark,
    rows: (...rows: readonly Row[]) =>
      harness.process(
        batchOf(schema, {
          key: rows.map(([key]) => key),
          at: rows.map(([, at]) => at),
          n: rows.map(([, , n]) => BigInt(n ?? 0)),
        }),
      ),
    results: () =>
      lines(0).map((row) => {
        const kind = row['$change'] === undefined ? '' : `${['+I', '-U', '+U', '-D'][Number(row['$change'])]} `;
        return `${kind}${row['key']}[${row['windowStart']},${row['windowEnd']}) ${row['rows']}`;
      }),
    times: () => lines(0).map((row) => row['windowTime']),
    late: () => lines(1).map((row) => `${row['key']}@${row['at']}`),
  };
}

const noRows = () => new Float64Array(0);
const nothing = batchOf(schema, { key: [], at: [], n: [] });

describe('the rules of time', () => {
  it('each source split has its own watermark generator: bounded disorder', () => {
    const [first, second] = [boundedDisorder({ maxDelayMs: 5 }).create(), boundedDisorder({ maxDelayMs: 5 }).create()];
    first.onBatch(0, 100, nothing, noRows);
    expect([first.current(), second.current()]).toEqual([94, Number.NEGATIVE_INFINITY]);
  });

  it('… monotonic', () => {
    const generator = monotonic().create();
    generator.onBatch(10, 20, nothing, noRows);
    expect(generator.current()).toBe(19);
  });

  it('… custom: rows that say how far time has come', () => {
    const marked = defineSchema({ at: timestamp('ms'), mark: bool() });
    const generator = punctuated({ when: 'mark' }).create();
    const give = (rows: readonly (readonly [number, boolean])[]) => {
      const batch = batchOf(marked, { at: rows.map(([at]) => at), mark: rows.map(([, mark]) => mark) });
      generator.onBatch(0, 0, batch, () => Float64Array.from(rows, ([at]) => at));
      return generator.current();
    };
    expect(give([[50, false]])).toBe(Number.NEGATIVE_INFINITY);
    expect(
      give([
        [10, true],
        [40, false],
        [5, true],
      ]),
    ).toBe(10);
    expect(give([[90, false]])).toBe(10);
  });

  it('watermarks never go backwards', async () => {
    const merger = new WatermarkMerger(1);
    merger.advance(0, 50);
    expect(merger.next()).toEqual({ kind: 'watermark', timeMs: 50 });
    merger.advance(0, 40);
    expect([merger.next(), merger.currentMs]).toEqual([undefined, 50]);
  });

  it('an operator’s watermark is the minimum over its non-idle inputs', () => {
    const merger = new WatermarkMerger(3);
    merger.advance(0, 50);
    merger.advance(1, 30);
    merger.advance(2, 10);
    merger.markIdle(2);
    expect(merger.next()).toEqual({ kind: 'watermark', timeMs: 30 });
  });

  it('before the first watermark of every input it is −∞: nothing is late yet', async () => {
    const merger = new WatermarkMerger(2);
    merger.advance(0, 50);
    expect([merger.next(), merger.currentMs]).toEqual([undefined, Number.NEGATIVE_INFINITY]);
    const driver = await windowed(tumbling({ sizeMs: 10 }));
    await driver.rows(['a', -1_000_000_000_000]);
    expect(driver.late()).toEqual([]);
  });

  it('an idle split leaves the minimum until its next row', () => {
    const merger = new WatermarkMerger(2);
    merger.advance(0, 50);
    merger.advance(1, 10);
    merger.markIdle(1);
    expect(merger.next()).toEqual({ kind: 'watermark', timeMs: 50 });
    merger.markActive(1);
    merger.advance(0, 90);
    expect(merger.next()).toBeUndefined();
  });

  it('a row is late when time ≤ watermark and its window’s end + allowed lateness ≤ watermark', async () => {
    const driver = await windowed(tumbling({ sizeMs: 10 }), { allowedLatenessMs: 5 });
    await driver.watermark(14);
    await driver.rows(['a', 9], ['b', 0]);
    expect(driver.late()).toEqual([]);
    await driver.watermark(15);
    await driver.rows(['a', 9], ['a', 10]);
    expect(driver.late()).toEqual(['a@9']);
  });

  it('late rows go to the late stream, counted, never silently lost', async () => {
    for (const window of [tumbling({ sizeMs: 10 }), hopping({ sizeMs: 10, slideMs: 5 }), session({ gapMs: 10 })]) {
      for (const results of ['accumulating', 'discarding'] as const) {
        const driver = await windowed(window, { results });
        await driver.watermark(100);
        await driver.rows(['a', 3], ['b', 101], ['c', 4]);
        await driver.watermark(END);
        expect(driver.late()).toEqual(['a@3', 'c@4']);
        expect(driver.stats.lateRows).toBe(2);
        expect(driver.results().every((line) => line.startsWith('b['))).toBe(true);
      }
    }
  });

  it('the end flushes: with the watermark +∞ all windows fire', async () => {
    for (const window of [
      tumbling({ sizeMs: 1e15 }),
      hopping({ sizeMs: 2e9, slideMs: 1e9 }),
      session({ gapMs: 1e15 }),
    ]) {
      const driver = await windowed(window);
      await driver.rows(['a', 3]);
      await driver.watermark(1e9 - 1);
      const before = driver.results().length;
      await driver.watermark(END);
      expect(driver.results().length).toBeGreaterThan(before);
      expect(driver.stats.stateEntries).toBe(0);
    }
  });
});

describe('the rules of windows', () => {
  it('are half-open: [start, end)', async () => {
    const driver = await windowed(tumbling({ sizeMs: 10 }));
    await driver.rows(['a', 0], ['a', 9], ['a', 10]);
    await driver.watermark(END);
    expect(driver.results()).toEqual(['a[0,10) 2', 'a[10,20) 1']);
    const hops = await windowed(hopping({ sizeMs: 10, slideMs: 5 }));
    await hops.rows(['a', 10]);
    await hops.watermark(END);
    expect(hops.results()).toEqual(['a[5,15) 1', 'a[10,20) 1']);
  });

  it('are aligned to epoch plus offset, negative times included', async () => {
    const driver = await windowed(tumbling({ sizeMs: 10, offsetMs: 3 }));
    await driver.rows(['a', -8], ['a', -7], ['a', 2], ['a', 3]);
    await driver.watermark(END);
    expect(driver.results()).toEqual(['a[-17,-7) 1', 'a[-7,3) 2', 'a[3,13) 1']);
    const hops = await windowed(hopping({ sizeMs: 4, slideMs: 2, offsetMs: 1 }));
    await hops.rows(['a', -2]);
    await hops.watermark(END);
    expect(hops.results()).toEqual(['a[-5,-1) 1', 'a[-3,1) 1']);
  });

  it('results are stamped end − 1 ms', async () => {
    for (const window of [tumbling({ sizeMs: 10 }), hopping({ sizeMs: 10, slideMs: 10 }), session({ gapMs: 10 })]) {
      const driver = await windowed(window);
      await driver.rows(['a', 0]);
      await driver.watermark(END);
      expect(driver.times()).toEqual([9]);
    }
  });

  it('a window fires when its end ≤ watermark, not before', async () => {
    for (const window of [tumbling({ sizeMs: 10 }), hopping({ sizeMs: 10, slideMs: 10 }), session({ gapMs: 10 })]) {
      const driver = await windowed(window);
      await driver.rows(['a', 0]);
      await driver.watermark(9);
      expect(driver.results()).toEqual([]);
      await driver.watermark(10);
      expect(driver.results()).toEqual(['a[0,10) 1']);
    }
  });

  it('sessions merge per key: a bridging row makes one of two', async () => {
    const driver = await windowed(session({ gapMs: 10 }));
    await driver.rows(['a', 0], ['a', 15], ['b', 8]);
    await driver.rows(['a', 8]);
    await driver.watermark(END);
    expect(driver.results()).toEqual(['b[8,18) 1', 'a[0,25) 3']);
  });

  it('allowed lateness re-fires with the change: -U +U', async () => {
    for (const window of [tumbling({ sizeMs: 10 }), hopping({ sizeMs: 10, slideMs: 10 }), session({ gapMs: 10 })]) {
      const driver = await retracting(window, 20);
      await driver.rows(['a', 0]);
      await driver.watermark(10);
      await driver.rows(['a', 0]);
      await driver.watermark(11);
      await driver.watermark(12);
      expect(driver.results()).toEqual(['+I a[0,10) 1', '-U a[0,10) 1', '+U a[0,10) 2']);
    }
  });

  it('a session that grows after it has come out is deleted and inserted anew', async () => {
    const driver = await retracting(session({ gapMs: 10 }), 20);
    await driver.rows(['a', 0]);
    await driver.watermark(10);
    await driver.rows(['a', 5]);
    await driver.watermark(15);
    expect(driver.results()).toEqual(['+I a[0,10) 1', '-D a[0,10) 1', '+I a[0,15) 2']);
  });

  it('accumulating gives the whole again, discarding what has come since', async () => {
    for (const window of [tumbling({ sizeMs: 10 }), hopping({ sizeMs: 10, slideMs: 10 }), session({ gapMs: 10 })]) {
      for (const [results, second] of [
        ['accumulating', 3],
        ['discarding', 2],
      ] as const) {
        const driver = await windowed(window, { allowedLatenessMs: 20, results });
        await driver.rows(['a', 0]);
        await driver.watermark(10);
        await driver.rows(['a', 0], ['a', 0]);
        await driver.watermark(11);
        expect(driver.results()).toEqual(['a[0,10) 1', `a[0,10) ${second}`]);
      }
    }
  });

  it('hopping windows use panes: state does not depend on size/slide', async () => {
    const driver = await windowed(hopping({ sizeMs: 100_000, slideMs: 100 }));
    await driver.rows(['a', 1], ['a', 99], ['a', 100]);
    expect(driver.stats.stateEntries).toBe(2);
  });

  it('early firings by rows come with exactly the n-th row of a key', async () => {
    for (const window of [tumbling({ sizeMs: 100 }), session({ gapMs: 100 })]) {
      const driver = await windowed(window, { early: { everyRows: 2 } });
      await driver.rows(['a', 0], ['b', 0], ['a', 0], ['a', 0], ['a', 0], ['a', 0]);
      expect(driver.results()).toEqual(['a[0,100) 2', 'a[0,100) 4']);
    }
  });

  it('late firings per row come with each late row', async () => {
    const driver = await windowed(tumbling({ sizeMs: 10 }), { allowedLatenessMs: 5, late: 'per-row' });
    await driver.rows(['a', 0]);
    await driver.watermark(10);
    await driver.rows(['a', 0], ['a', 0]);
    expect(driver.results()).toEqual(['a[0,10) 1', 'a[0,10) 2', 'a[0,10) 3']);
  });

  it('cleanup at end + lateness: state returns to zero', async () => {
    for (const window of [tumbling({ sizeMs: 10 }), hopping({ sizeMs: 10, slideMs: 5 }), session({ gapMs: 10 })]) {
      const driver = await retracting(window, 5);
      await driver.rows(['a', 5]);
      await driver.watermark(window.kind === 'tumbling' ? 14 : 19);
      expect(driver.stats.stateEntries).toBe(1);
      await driver.watermark(window.kind === 'tumbling' ? 15 : 20);
      expect(driver.stats).toMatchObject({ stateEntries: 0, stateBytes: 0 });
    }
  });
});
