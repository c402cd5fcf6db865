import { batchFromRows, batchOf, defineSchema, int32, rowsOf, timestamp, utf8 } from '@sabot/columnar';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deduplicateSpec } from '../../../src/operators/keyed/deduplicate.js';
import { reduceSpec } from '../../../src/operators/keyed/reduce.js';
import { createOperatorHarness } from '../../../src/testing/operator-harness.js';

const schema = defineSchema({ key: utf8(), at: timestamp('ms'), value: int32() });
const bounded = (withinMs: number) =>
  deduplicateSpec({ name: undefined, input: schema, keys: ['key'], withinMs, eventTime: 'at' });
const rowsOfInput = fc.array(
  fc.record({ key: fc.constantFrom('a', 'b'), at: fc.nat(60), value: fc.integer({ min: 0, max: 9 }) }),
  { maxLength: 30 },
);

describe('deduplicate', () => {
  it('lets through the first row of each key, whatever the batches', () =>
    fc.assert(
      fc.asyncProperty(fc.array(rowsOfInput, { maxLength: 4 }), async (batches) => {
        const spec = deduplicateSpec({
          name: undefined,
          input: schema,
          keys: ['key'],
          withinMs: undefined,
          eventTime: undefined,
        });
        const harness = await createOperatorHarness(spec.create());
        for (const rows of batches) await harness.process(batchFromRows(schema, rows));
        const seen = new Set<string>();
        const expected = batches.flat().filter(({ key }) => !seen.has(key) && seen.add(key));
        expect(harness.batches().flatMap((batch) => [...rowsOf(batch)])).toEqual(expected);
      }),
    ));

  it('within a time, passes rows that far from the last of their key and tells which are too far behind', () =>
    fc.assert(
      fc.asyncProperty(fc.array(rowsOfInput, { maxLength: 4 }), async (batches) => {
        const harness = await createOperatorHarness(bounded(10).create());
        for (const rows of batches) await harness.process(batchFromRows(schema, rows));
        const last = new Map<string, number>();
        const behind: unknown[] = [];
        const expected = batches.flat().filter((row) => {
          const since = row.at - (last.get(row.key) ?? Number.NEGATIVE_INFINITY);
          if (since <= -10) behind.push(row);
          if (since >= 10) last.set(row.key, row.at);
          return since >= 10;
        });
        expect(harness.batches().flatMap((batch) => [...rowsOf(batch)])).toEqual(expected);
        expect(harness.batches(1).flatMap((batch) => [...rowsOf(batch)])).toEqual(behind);
        expect(harness.operator.stats.lateRows).toBe(behind.length);
      }),
    ));

  it('forgets a key when the watermark has passed it by twice the time, and calls rows behind once the time late', async () => {
    const harness = await createOperatorHarness(bounded(10).create());
    const row = (key: string, at: number) => batchOf(schema, { key: [key], at: [at], value: [0] });
    await harness.process(row('a', 100));
    await harness.watermark(119);
    expect(harness.operator.stats.stateEntries).toBe(1);
    await harness.watermark(120);
    expect(harness.operator.stats).toMatchObject({ stateEntries: 0, stateBytes: 0 });
    await harness.process(row('b', 110));
    expect(harness.operator.stats.lateRows).toBe(1);
    await harness.process(row('b', 111));
    expect(
      harness
        .batches()
        .flatMap((batch) => [...rowsOf(batch)])
        .map(({ at }) => at),
    ).toEqual([100, 111]);
  });

  it('keeps a key for as long as a row that is not late could be its duplicate', async () => {
    const harness = await createOperatorHarness(bounded(10).create());
    const row = (key: string, at: number) => batchOf(schema, { key: [key], at: [at], value: [0] });
    await harness.process(row('a', 100));
    await harness.process(row('b', 108));
    // Forgets a.
    await harness.watermark(120);
    harness.takeEmitted();
    await harness.process(row('b', 117));
    expect(harness.batches()).toEqual([]);
    expect(harness.operator.stats).toMatchObject({ lateRows: 0, stateEntries: 1 });
  });
});

describe('reduce', () => {
  it('gives the running total of each key after every row, and keeps it when the function throws', async () => {
    const spec = reduceSpec({
      name: undefined,
      input: schema,
      keys: ['key'],
      onError: 'skip',
      fold(total, row) {
        total['at'] = row['at'];
        total['value'] = Number(total['value']) + Number(row['value']);
        if (row['value'] === 9) throw new Error('nine');
      },
    });
    await fc.assert(
      fc.asyncProperty(fc.array(rowsOfInput, { maxLength: 4 }), async (batches) => {
        const harness = await createOperatorHarness(spec.create());
        for (const rows of batches) await harness.process(batchFromRows(schema, rows));
        const totals = new Map<string, { key: string; at: number; value: number }>();
        const expected = batches.flat().flatMap((row) => {
          const total = totals.get(row.key);
          if (total !== undefined && row.value === 9) return [];
          const next = total === undefined ? row : { ...row, value: total.value + row.value };
          totals.set(row.key, next);
          return [next];
        });
        expect(harness.batches().flatMap((batch) => [...rowsOf(batch)])).toEqual(expected);
        expect(harness.operator.stats.skippedRows).toBe(batches.flat().length - expected.length);
      }),
    );
  });
});
