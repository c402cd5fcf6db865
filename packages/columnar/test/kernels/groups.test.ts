import { type Batch, columnValue, createBatch, defineSchema, type Fields, rowsOf, type Schema } from '@sabot/columnar';
import {
  type Accumulators,
  type AggregatePlan,
  aggregates,
  createAccumulators,
  createGroupTable,
  createHashIndex,
  type GroupTable,
} from '@sabot/columnar/kernels';
import { randomBatch, seededRandom } from '@sabot/columnar/testing';
import { describe, expect, test, vi } from 'vitest';
import { allTypes, keyNames } from '../support/schemas.js';
import { PROPERTY_TIMEOUT_MS, SEEDS } from '../support/seeds.js';

type AllFields = typeof allTypes.fields;
type Row = ReturnType<typeof rowsOf<AllFields>>[number];

vi.setConfig({ testTimeout: PROPERTY_TIMEOUT_MS });
const few = { fewValues: true };

/** Text that is equal where keys are equal: −0 is 0, NaN is NaN. */
function keyText(row: Row, names: readonly string[]): string {
  return names.map((name) => describeKey((row as Record<string, unknown>)[name])).join('|');
}

function describeKey(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return typeof value === 'bigint' ? `${value}n` : typeof value === 'number' ? `${value + 0}` : JSON.stringify(value);
}

function drawNames(random: () => number): string[] {
  return Array.from(
    { length: 1 + Math.floor(random() * 3) },
    () => keyNames[Math.floor(random() * keyNames.length)] as string,
  );
}

function columnsNamed(batch: Batch<AllFields>, names: readonly string[]) {
  return names.map((name) => batch.column(name as 'i32'));
}

function tableFor(names: readonly string[]): GroupTable {
  return createGroupTable(names.map((name) => allTypes.fields[name as 'i32']));
}

describe('the group table', () => {
  test('gives equal keys one group and different keys different groups, over batches, selections, restores', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = seededRandom(seed);
      const names = drawNames(random);
      let table = tableFor(names);
      const known = new Map<string, number>();
      for (let round = 0; round < 4; round++) {
        const batch = randomBatch(allTypes, Math.floor(random() * 60), random, { fewValues: random() < 0.5 });
        const selection = Int32Array.from(rowsOf(batch).keys()).filter(() => random() < 0.7);
        const groups = table.assign(columnsNamed(batch, names), batch.numRows, selection).slice();
        const rows = rowsOf(batch);
        selection.forEach((row, i) => {
          const key = keyText(rows[row] as Row, names);
          if (!known.has(key)) known.set(key, groups[i] as number);
          expect(groups[i], `seed ${seed}, key ${key}`).toBe(known.get(key));
        });
        expect(table.size).toBe(known.size);
        const restored = tableFor(names);
        restored.restore(table.snapshot());
        table = restored;
        const found = table.lookup(columnsNamed(batch, names), batch.numRows);
        rows.forEach((row, i) => {
          expect(found[i]).toBe(known.get(keyText(row, names)) ?? -1);
        });
      }
    }
  });

  test('retain keeps the given groups, in the given order', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = seededRandom(seed);
      const names = drawNames(random);
      const table = tableFor(names);
      const batch = randomBatch(allTypes, 50, random);
      const before = table.assign(columnsNamed(batch, names), 50).slice();
      const kept = Int32Array.from({ length: table.size }, (_, group) => table.size - 1 - group).filter(
        () => random() < 0.5,
      );
      table.retain(kept);
      const after = table.lookup(columnsNamed(batch, names), 50);
      before.forEach((group, row) => {
        expect(after[row]).toBe(kept.indexOf(group));
      });
    }
  });
});

const plan = aggregates(allTypes, (a) => ({
  rows: a.count(),
  present: a.count('i64'),
  sum: a.sum('i32'),
  unsigned: a.sum('u32'),
  total: a.sum('f64'),
  mean: a.mean('i32'),
  floatMean: a.mean('f32'),
  least: a.min('i64'),
  most: a.max('u64'),
  leastFloat: a.min('f64'),
  mostFloat: a.max('f64'),
  leastText: a.min('text'),
  mostCode: a.max('code'),
  mostDecimal: a.max('price'),
  variance: a.variance('i32'),
  deviation: a.stddev('i16', { population: true }),
  first: a.first('text'),
  last: a.last('at'),
  any: a.any('i8'),
  distinct: a.countDistinct('word'),
  distinctFloats: a.countDistinct('f64'),
  all: a.boolAnd('flag'),
  some: a.boolOr('flag'),
  money: a.sum('price'),
  meanMoney: a.mean('price'),
  texts: a.list('text'),
  codes: a.list('code'),
  largest: a.largest('i64', 3),
  largestFloats: a.largest('f64', 2),
  smallest: a.smallest('word', 2),
}));

function aggregated<Out extends Fields>(
  schema: Schema<Out>,
  accumulators: Accumulators<AllFields>,
): ReturnType<typeof rowsOf<Out>> {
  return rowsOf(createBatch(schema, accumulators.finish()));
}

/** Floats that differ in the last digits only count as equal. */
function rounded(rows: readonly object[]): unknown {
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === 'number' && Number.isFinite(value) ? Number(value.toPrecision(9)) : value,
      ]),
    ),
  );
}

function grouped(batch: Batch<AllFields>, table: GroupTable, accumulators: Accumulators<AllFields>): void {
  const groups = table.assign([batch.column('u8')], batch.numRows);
  accumulators.update(groups, table.size, batch);
}

describe('aggregates', () => {
  test('equal a naive computation over the rows of each group', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = seededRandom(seed);
      const batch = randomBatch(allTypes, 1 + Math.floor(random() * 50), random, { fewValues: seed % 2 === 0 });
      const table = createGroupTable([allTypes.fields.u8]);
      const accumulators = createAccumulators(plan);
      grouped(batch, table, accumulators);
      const keys = table.keys()[0];
      const results = aggregated(plan.outputSchema, accumulators);
      results.forEach((result, group) => {
        const key = columnValue(keys as NonNullable<typeof keys>, group);
        const rows = rowsOf(batch).filter((row) => row.u8 === key);
        expect(rounded([result]), `seed ${seed}, group ${group}`).toEqual(rounded([naive(rows)]));
      });
    }
  });

  test('merged from parts in any split, or restored in between, equal the whole', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = seededRandom(seed);
      const parts = Array.from({ length: 3 }, () => randomBatch(allTypes, Math.floor(random() * 30), random, few));
      const [wholeTable, whole] = [createGroupTable([allTypes.fields.u8]), createAccumulators(plan)];
      for (const part of parts) grouped(part, wholeTable, whole);
      const [table, merged] = [createGroupTable([allTypes.fields.u8]), createAccumulators(plan)];
      for (const part of parts) mergeInto(table, merged, part);
      const order = wholeTable.keys()[0];
      const mapping = table.lookup([order as NonNullable<typeof order>], wholeTable.size).slice();
      const results = createBatch(plan.outputSchema, merged.finish(mapping));
      expect(rounded(rowsOf(results)), `seed ${seed}`).toEqual(rounded(aggregated(plan.outputSchema, whole)));
    }
  });

  test('merged with a mapping take over the mapped groups and nothing of the others, also within themselves', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = seededRandom(seed);
      const batch = randomBatch(allTypes, 1 + Math.floor(random() * 50), random, few);
      const [table, source] = [createGroupTable([allTypes.fields.u8]), createAccumulators(plan)];
      grouped(batch, table, source);
      const whole = aggregated(plan.outputSchema, source);
      const mapping = Int32Array.from(whole, () => (random() < 0.5 ? -1 : 0)).map((to, g, all) =>
        to < 0 ? -1 : all.subarray(0, g).filter((other) => other >= 0).length,
      );
      const merged = createAccumulators(plan);
      merged.merge(source, mapping, whole.length);
      const taken = mapping.filter((to) => to >= 0);
      const results = rowsOf(createBatch(plan.outputSchema, merged.finish(taken)));
      expect(rounded(results), `seed ${seed}`).toEqual(rounded(whole.filter((_, g) => (mapping[g] as number) >= 0)));
      // Onto fresh groups of its own.
      source.merge(
        source,
        mapping.map((to) => (to < 0 ? -1 : whole.length + to)),
        2 * whole.length,
      );
      const own = rowsOf(createBatch(plan.outputSchema, source.finish(taken.map((to) => whole.length + to))));
      expect(rounded(own), `seed ${seed}`).toEqual(rounded(results));
      const left = rowsOf(createBatch(plan.outputSchema, source.finish(Int32Array.from(whole.keys()))));
      expect(rounded(left), `seed ${seed}`).toEqual(rounded(whole));
    }
  });
});

/** Aggregates a part by itself, sends it through a snapshot, and merges it. */
function mergeInto(table: GroupTable, into: Accumulators<AllFields>, part: Batch<AllFields>): void {
  const partTable = createGroupTable([allTypes.fields.u8]);
  const partial = createAccumulators(plan);
  grouped(part, partTable, partial);
  const received = createAccumulators(plan as AggregatePlan<AllFields>);
  received.restore(partial.snapshot());
  const mapping = table.assign(partTable.keys(), partTable.size).slice();
  into.merge(received, mapping, table.size);
}

function naive(rows: readonly Row[]): Record<string, unknown> {
  const present = <K extends keyof Row>(name: K) => rows.map((row) => row[name]).filter((value) => value !== null);
  const numbers = (name: keyof Row): number[] => present(name).map(Number);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const orNull = <T>(values: readonly unknown[], value: T): T | null => (values.length === 0 ? null : value);
  const variance = (values: readonly number[], freedom: number): number | null => {
    if (values.length <= freedom) return null;
    const mean = sum(values) / values.length;
    return sum(values.map((value) => (value - mean) ** 2)) / (values.length - freedom);
  };
  const best = (name: keyof Row, direction: number): unknown =>
    present(name).reduce<unknown>((a, b) => (a === null || compare(b, a) * direction > 0 ? b : a), null);
  const cents = present('price').map((text) => BigInt((text as string).replace('.', '')));
  return {
    rows: BigInt(rows.length),
    present: BigInt(present('i64').length),
    sum: orNull(present('i32'), BigInt(sum(numbers('i32')))),
    unsigned: orNull(present('u32'), BigInt(sum(numbers('u32')))),
    total: orNull(present('f64'), sum(numbers('f64'))),
    mean: orNull(present('i32'), sum(numbers('i32')) / numbers('i32').length),
    floatMean: orNull(present('f32'), sum(numbers('f32')) / numbers('f32').length),
    least: best('i64', -1),
    most: best('u64', 1),
    leastFloat: best('f64', -1),
    mostFloat: best('f64', 1),
    leastText: best('text', -1),
    mostCode: best('code', 1),
    mostDecimal: best('price', 1),
    variance: variance(numbers('i32'), 1),
    deviation: Math.sqrt(variance(numbers('i16'), 0) as number),
    first: rows[0]?.text,
    last: rows.at(-1)?.at,
    any: present('i8')[0] ?? null,
    distinct: BigInt(new Set(present('word')).size),
    distinctFloats: BigInt(new Set(present('f64')).size),
    all: orNull(present('flag'), present('flag').every(Boolean)),
    some: orNull(present('flag'), present('flag').some(Boolean)),
    money: orNull(present('price'), decimal(cents.reduce((total, value) => total + value, 0n))),
    meanMoney: orNull(
      present('price'),
      Number(cents.reduce((total, value) => total + value, 0n)) / cents.length / 1000,
    ),
    texts: orNull(present('text'), present('text')),
    codes: orNull(present('code'), present('code')),
    largest: orNull(
      present('i64'),
      present('i64')
        .toSorted((a, b) => compare(b, a))
        .slice(0, 3),
    ),
    largestFloats: orNull(
      present('f64'),
      present('f64')
        .toSorted((a, b) => compare(b, a))
        .slice(0, 2),
    ),
    smallest: present('word').toSorted(compare).slice(0, 2),
  };
}

/** Three digits after the point, as `price` has them. */
function decimal(unscaled: bigint): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(4, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -3)}.${digits.slice(-3)}`;
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return a - b || 0;
  }
  if (typeof a === 'string' && /^-?\d+\.\d{3}$/.test(a))
    return compare(BigInt(a.replace('.', '')), BigInt((b as string).replace('.', '')));
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  return (a as bigint) < (b as bigint) ? -1 : (a as bigint) > (b as bigint) ? 1 : 0;
}

describe('the hash index', () => {
  test('finds exactly the pairs of a nested loop: duplicates, composite keys, nulls match nothing', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = seededRandom(seed);
      const names = drawNames(random);
      const [build, probe] = [randomBatch(allTypes, 20, random, few), randomBatch(allTypes, 25, random, few)];
      const index = createHashIndex(columnsNamed(build, names), build.numRows);
      const expected = nestedLoop(probe, build, names);
      const inner = index.probe(columnsNamed(probe, names), probe.numRows);
      expect(pairsOf(inner), `seed ${seed}`).toEqual(expected.filter(([, row]) => row >= 0));
      const left = index.probeLeft(columnsNamed(probe, names), probe.numRows);
      expect(pairsOf(left), `seed ${seed}`).toEqual(expected);
      const matched = new Set(expected.filter(([, row]) => row >= 0).map(([row]) => row));
      const contains = index.contains(columnsNamed(probe, names), probe.numRows);
      expect([...contains].flatMap((found, row) => (found === 1 ? [row] : []))).toEqual([...matched]);
    }
  });
});

function pairsOf(pairs: { count: number; probeRows: Int32Array; buildRows: Int32Array }): number[][] {
  return Array.from({ length: pairs.count }, (_, i) => [pairs.probeRows[i] as number, pairs.buildRows[i] as number]);
}

function nestedLoop(probe: Batch<AllFields>, build: Batch<AllFields>, names: readonly string[]): [number, number][] {
  const hasNull = (row: Row): boolean => names.some((name) => (row as Record<string, unknown>)[name] === null);
  const builtRows = rowsOf(build);
  return rowsOf(probe).flatMap((row, i) => {
    const matches = builtRows.flatMap((other, j) =>
      !hasNull(row) && !hasNull(other) && keyText(row, names) === keyText(other, names)
        ? [[i, j] as [number, number]]
        : [],
    );
    return matches.length > 0 ? matches : [[i, -1] as [number, number]];
  });
}

test('a plan names its inputs once each', () => {
  const small = aggregates(defineSchema({ x: allTypes.fields.i32 }), (a) => ({
    n: a.count(),
    s: a.sum('x'),
    m: a.mean('x'),
  }));
  expect(small.columns).toEqual(['x']);
});
