import {
  type Batch,
  batchFromRows,
  defineSchema,
  float64,
  int32,
  int64,
  nullable,
  rowsOf,
  timestamp,
  utf8,
} from '@sabot/columnar';
import { memorySource, type OperatorSpec, Stream } from '@sabot/stream';
import { createOperatorHarness, type OperatorHarness } from '@sabot/stream/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestMatchJoin } from '../../src/best-match/best-match-join.js';

const lefts = defineSchema({ at: timestamp('ms'), until: timestamp('us'), key: nullable(utf8()), l: int32() });
const rights = defineSchema({
  at: timestamp('ms'),
  key: nullable(utf8()),
  r: int32(),
  value: int64(),
  weight: float64(),
});
const left = Stream.from(memorySource(lefts, []), { name: 'left', eventTime: 'at' });
const right = Stream.from(memorySource(rights, []), { name: 'right', eventTime: 'at' });

interface Setting {
  readonly type: 'inner' | 'left';
  readonly order: 'greatest' | 'least';
  readonly by: 'value' | 'weight';
}

function specOf(setting: Setting): OperatorSpec {
  const { output } = bestMatchJoin(left, right, { on: 'key', until: 'until', select: ['r'], ...setting });
  const { node } = output.edge;
  if (node.kind !== 'operator') throw new TypeError('a join is an operator');
  return node.spec;
}

interface Life {
  readonly at: number;
  readonly lifeMs: number;
  readonly key: string | null;
}
interface Offer {
  readonly at: number;
  readonly key: string | null;
  readonly value: number;
}
/** A row with its number and the watermark at which it came. */
type Arrived<Row> = Row & { readonly id: number; readonly watermarkMs: number };

async function feedLives(harness: OperatorHarness, lives: readonly (Life & { id: number })[]): Promise<void> {
  const rows = lives.map(({ at, lifeMs, key, id }) => ({ at, until: at + lifeMs, key, l: id }));
  await harness.process(batchFromRows(lefts, rows) as unknown as Batch, 0);
}

async function feedOffers(harness: OperatorHarness, offers: readonly (Offer & { id: number })[]): Promise<void> {
  const rows = offers.map(({ at, key, value, id }) => ({ at, key, r: id, value: BigInt(value), weight: value / 3 }));
  await harness.process(batchFromRows(rights, rows) as unknown as Batch, 1);
}

function shown(batches: readonly Batch[]): string[] {
  const rows = batches.flatMap((batch) => [...(rowsOf(batch) as Iterable<Record<string, unknown>>)]);
  return rows.map((row) => `[${row['l']},${row['r']}]@${row['joinTime']}`);
}

/** Every life against every offer. */
function naive({ type, order }: Setting, lives: readonly Arrived<Life>[], offers: readonly Arrived<Offer>[]): string[] {
  return lives.flatMap((life) => {
    const untilMs = life.at + life.lifeMs;
    if (untilMs <= life.watermarkMs) return [];
    const inside = offers.filter(
      ({ at, key, watermarkMs }) =>
        at > watermarkMs && at > life.watermarkMs && key !== null && key === life.key && at >= life.at && at <= untilMs,
    );
    const sign = order === 'greatest' ? -1 : 1;
    const [best] = inside.sort((a, b) => sign * (a.value - b.value) || a.at - b.at || a.id - b.id);
    return best === undefined && type === 'inner' ? [] : `[${life.id},${best?.id ?? null}]@${untilMs}`;
  });
}

const settings = fc.record<Setting>({
  type: fc.constantFrom('inner', 'left'),
  order: fc.constantFrom('greatest', 'least'),
  by: fc.constantFrom('value', 'weight'),
});
const time = fc.integer({ min: 0, max: 40 });
const key = fc.constantFrom('a', 'b', null);
const life = fc.record({ at: time, lifeMs: fc.integer({ min: -1, max: 15 }), key });
const offer = fc.record({ at: time, key, value: fc.integer({ min: 0, max: 4 }) });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('lives' as const), rows: fc.array(life, { maxLength: 4 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('offers' as const), rows: fc.array(offer, { maxLength: 6 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('watermark' as const), timeMs: fc.integer({ min: -2, max: 45 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
);

describe('a best-match join', () => {
  it('gives what a row-by-row model gives, across crashes, and keeps nothing in the end', async () => {
    await fc.assert(
      fc.asyncProperty(settings, fc.array(step, { maxLength: 25 }), async (setting, plan) => {
        const spec = specOf(setting);
        let harness = await createOperatorHarness(spec.create());
        const lives: Arrived<Life>[] = [];
        const offers: Arrived<Offer>[] = [];
        const seen: string[] = [];
        let watermarkMs = Number.NEGATIVE_INFINITY;
        let late = 0;
        const take = () => {
          seen.push(...shown(harness.batches(0)));
          late += [...harness.batches(1), ...harness.batches(2)].reduce((sum, { numRows }) => sum + numRows, 0);
          harness.takeEmitted();
        };
        for (const action of plan) {
          if (action.kind === 'lives') {
            const rows = action.rows.map((row, i) => ({ ...row, id: lives.length + i, watermarkMs }));
            lives.push(...rows);
            await feedLives(harness, rows);
          } else if (action.kind === 'offers') {
            const rows = action.rows.map((row, i) => ({ ...row, id: offers.length + i, watermarkMs }));
            offers.push(...rows);
            await feedOffers(harness, rows);
          } else if (action.kind === 'watermark') {
            watermarkMs = Math.max(watermarkMs, action.timeMs);
            await harness.watermark(watermarkMs);
          } else {
            const bytes = harness.operator.snapshot(1) ?? expect.unreachable();
            harness = await createOperatorHarness(spec.create());
            harness.operator.restore(bytes);
          }
          take();
        }
        await harness.watermark(Number.POSITIVE_INFINITY);
        take();
        expect(seen.sort()).toEqual(naive(setting, lives, offers).sort());
        const lateLives = lives.filter(({ at, lifeMs, watermarkMs: then }) => at + lifeMs <= then).length;
        expect(late).toBe(lateLives + offers.filter(({ at, watermarkMs: then }) => at <= then).length);
        expect(harness.operator.stats).toMatchObject({ stateEntries: 0, stateBytes: 0 });
      }),
      { numRuns: Number(process.env['SABOT_TEST_RUNS'] ?? 200) },
    );
  });

  it('puts a row out when the watermark reaches the end of its life, in the order of these ends', async () => {
    const harness = await createOperatorHarness(specOf({ type: 'left', order: 'greatest', by: 'value' }).create());
    await feedLives(harness, [
      { at: 0, lifeMs: 20, key: 'a', id: 1 },
      { at: 5, lifeMs: 5, key: 'a', id: 2 },
      { at: 5, lifeMs: 5, key: 'b', id: 3 },
    ]);
    await feedOffers(harness, [
      { at: 10, key: 'a', value: 7, id: 1 },
      { at: 4, key: 'a', value: 7, id: 2 },
      { at: 20, key: 'a', value: 1, id: 3 },
    ]);
    await harness.watermark(9);
    expect(harness.batches()).toEqual([]);
    await harness.watermark(10);
    expect(shown(harness.batches())).toEqual(['[2,1]@10', '[3,null]@10']);
    await harness.watermark(20);
    expect(shown(harness.batches()).slice(2)).toEqual(['[1,2]@20']);
    expect(harness.operator.stats).toMatchObject({ matchedRows: 3, unmatchedRows: 1, stateEntries: 0 });
  });

  it('keeps no more than what is open, however many lives have ended', async () => {
    const harness = await createOperatorHarness(specOf({ type: 'inner', order: 'least', by: 'weight' }).create());
    const bytes: number[] = [];
    for (let n = 0; n < 2000; n++) {
      await feedLives(harness, [{ at: n, lifeMs: 3, key: `key ${10_000 + n}`, id: n }]);
      await feedOffers(harness, [{ at: n + 1, key: `key ${10_000 + n}`, value: 1, id: n }]);
      await harness.watermark(n);
      bytes.push(harness.operator.stats.stateBytes);
    }
    expect(Math.max(...bytes.slice(1000))).toBeLessThanOrEqual(Math.max(...bytes.slice(0, 1000)) * 1.05);
  });

  it('refuses ends that are no times and values that have no order', () => {
    const untyped = (options: object) => () =>
      bestMatchJoin(left, right, { on: 'key', until: 'until', by: 'value', ...options } as never);
    expect(untyped({ until: 'l' })).toThrow(/the end of a life from column "l": it is int32/);
    expect(untyped({ by: 'key' })).toThrow(/what decides from column "key": it is utf8/);
    expect(untyped({ by: 'nothing' })).toThrow(/no column "nothing"/);
  });
});
