import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type DuckDBConnection,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import { type Batch, batchOf, createBatch, rowsOf } from '@sabot/columnar';
import { columnsOf, compilePipeline, type ExprNode } from '@sabot/columnar/expressions';
import { aggregates, createAccumulators, createGroupTable, createHashIndex, sortBatch } from '@sabot/columnar/kernels';
import { beforeAll, describe, expect, test } from 'vitest';
import { functionNames } from '../../src/expressions/functions/registry.js';
import { EXPRESSIONS, FLIGHTS_SQL, flightsSchema } from './queries.js';

const parquet = fileURLToPath(new URL('../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url));
let duckdb: DuckDBConnection;
let flights: Batch<typeof flightsSchema.fields>;

beforeAll(async () => {
  duckdb = await (await DuckDBInstance.create(':memory:')).connect();
  await duckdb.run(`create table flights as ${FLIGHTS_SQL.replace('PARQUET', parquet.replaceAll("'", "''"))}`);
  const columns = await columnsOfQuery('select * from flights');
  // The query names the columns of the schema.
  flights = batchOf(flightsSchema, columns as never);
}, 60_000);

/** What the surface shows: instants are milliseconds, 32-bit integers numbers. */
function surface(value: DuckDBValue): unknown {
  if (value instanceof DuckDBTimestampValue) return Number(value.micros) / 1000;
  if (value instanceof DuckDBTimeValue) return Number(value.micros) / 1000;
  if (value instanceof DuckDBDateValue) return value.days * 86_400_000;
  if (value instanceof DuckDBDecimalValue) return value.toString();
  if (value instanceof DuckDBListValue) return value.items.map(surface);
  return value;
}

async function columnsOfQuery(sql: string): Promise<Record<string, unknown[]>> {
  const reader = await duckdb.runAndReadAll(sql);
  const columns = reader.getColumns();
  return Object.fromEntries(reader.columnNames().map((name, i) => [name, (columns[i] ?? []).map(surface)]));
}

/** Floats may differ in the last digits; kinds of numbers do not matter. */
function comparable(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  return typeof value === 'number' && Number.isFinite(value) ? Number(value.toPrecision(12)) + 0 : value;
}

describe('over 4,000 flights of the Parquet file, DuckDB agrees on', () => {
  test.each(Object.entries(EXPRESSIONS))('%s', async (sql, build) => {
    const expected = (await columnsOfQuery(`select ${sql} as value from flights`))['value'] as unknown[];
    const expression = build(columnsOf(flightsSchema));
    for (const mode of ['compiled', 'interpreted'] as const) {
      const run = compilePipeline(flightsSchema, [{ select: { value: expression } }], { mode });
      const values = rowsOf(run.run(flights)).map((row) => comparable(row['value']));
      expect(values).toEqual(expected.map(comparable));
    }
  });

  test('how many rows each bool expression keeps as a filter', async () => {
    for (const [sql, build] of Object.entries(EXPRESSIONS)) {
      const expression = build(columnsOf(flightsSchema));
      if (expression.type.kind !== 'bool') continue;
      const expected = await columnsOfQuery(`select count(*) as n from flights where ${sql}`);
      const kept = compilePipeline(flightsSchema, [{ filter: expression as never }]).run(flights).numRows;
      expect(BigInt(kept), sql).toBe(expected['n']?.[0]);
    }
  });

  test.each([
    [['origin']],
    [['code']],
    [['home']],
    [['miles']],
    [['origin', 'destination']],
    [['home', 'late']],
  ] as const)('every aggregate by %j', async (names) => {
    const plan = aggregates(flightsSchema, (a) => ({
      n: a.count(),
      present: a.count('late'),
      sum: a.sum('late'),
      total: a.sum('ratio'),
      mean: a.mean('late'),
      least: a.min('late'),
      most: a.max('ratio'),
      leastText: a.min('home'),
      mostCode: a.max('code'),
      earliest: a.min('ts'),
      variance: a.variance('ratio'),
      deviation: a.stddev('miles', { population: true }),
      money: a.sum('price'),
      meanMoney: a.mean('price'),
      first: a.first('late'),
      last: a.last('home'),
      any: a.any('late'),
      distinct: a.countDistinct('home'),
      all: a.boolAnd('even'),
      some: a.boolOr('even'),
      homes: a.list('home'),
      largest: a.largest('miles', 3),
      smallest: a.smallest('destination', 2),
    }));
    const keys = names.map((name) => flights.column(name));
    const table = createGroupTable(keys.map((key) => key.type));
    const accumulators = createAccumulators(plan);
    accumulators.update(table.assign(keys, flights.numRows), table.size, flights);
    const results = rowsOf(createBatch(plan.outputSchema, accumulators.finish()));
    const list = names.join(', ');
    const expected = await columnsOfQuery(`
        select count(*) as n, count(late) as present, cast(sum(late) as bigint) as sum, sum(ratio) as total,
          avg(late) as mean, min(late) as least, max(ratio) as most, min(home) as "leastText", max(code) as "mostCode",
          min(ts) as earliest, var_samp(ratio) as variance, stddev_pop(miles) as deviation,
          sum(price) as money, avg(price) as "meanMoney", first(late order by rowid) as first,
          last(home order by rowid) as last, any_value(late order by rowid) as "any", count(distinct home) as "distinct",
          bool_and(even) as "all", bool_or(even) as some, list(home order by rowid) filter (where home is not null) as homes,
          max(miles, 3) as largest, min(destination, 2) as smallest
        from flights group by ${list} order by min(rowid)`);
    // Groups are numbered by first appearance.
    for (const [name, values] of Object.entries(expected)) {
      const ours = results.map((row) => rounded(row[name as 'n']));
      expect(ours, name).toEqual(values.map(rounded));
    }
  });

  test('approximate aggregates within their error, over all rows and by origin', async () => {
    const plan = aggregates(flightsSchema, (a) => ({
      about: a.approxCountDistinct('distance'),
      median: a.quantile('distance', 0.5),
      most: a.quantile('ratio', 0.95),
    }));
    const table = createGroupTable([flights.column('origin').type]);
    const accumulators = createAccumulators(plan);
    accumulators.update(table.assign([flights.column('origin')], flights.numRows), table.size, flights);
    const expected = await columnsOfQuery(`
      select count(distinct distance) as about, quantile_disc(distance, 0.5) as median, quantile_disc(ratio, 0.95) as most
      from flights group by origin having count(*) > 100 order by min(rowid)`);
    const sizes = await columnsOfQuery('select count(*) as n from flights group by origin order by min(rowid)');
    const results = rowsOf(createBatch(plan.outputSchema, accumulators.finish())).filter(
      (_, i) => Number(sizes['n']?.[i]) > 100,
    );
    const near = (ours: unknown, theirs: unknown, share: number): void => {
      expect(Math.abs(Number(ours) / Number(theirs) - 1)).toBeLessThan(share);
    };
    results.forEach((row, i) => {
      near(row.about, expected['about']?.[i], 0.065);
      // Within 1 % of the value at a neighbouring rank.
      near(row.median, expected['median']?.[i], 0.1);
      near(row.most, expected['most']?.[i], 0.15);
    });
    expect(results.length).toBeGreaterThan(5);
  });

  test('every pair of an inner join with duplicates on both sides', async () => {
    const index = createHashIndex([flights.column('miles'), flights.column('destination')]);
    const pairs = index.probe([flights.column('miles'), flights.column('origin')], flights.numRows);
    const expected = await columnsOfQuery(`
      select a.rowid as p, b.rowid as b from flights a join flights b on a.miles = b.miles and a.origin = b.destination
      order by 1, 2`);
    expect([...pairs.probeRows.subarray(0, pairs.count)]).toEqual(expected['p']?.map(Number));
    expect([...pairs.buildRows.subarray(0, pairs.count)]).toEqual(expected['b']?.map(Number));
  });

  test('the order by several keys, nulls first and last', async () => {
    const sorted = sortBatch(flights, [
      { by: 'home', descending: true },
      { by: 'late', nullsFirst: true },
      { by: 'ratio' },
    ]);
    const expected = await columnsOfQuery(`
      select home, late, ratio from flights
      order by home desc nulls last, late nulls first, ratio nulls last, rowid`);
    expect(rowsOf(sorted).map((row) => row.home)).toEqual(expected['home']);
    expect(rowsOf(sorted).map((row) => row.late)).toEqual(expected['late']);
    expect(rowsOf(sorted).map((row) => row.ratio)).toEqual(expected['ratio']);
  });
});

/** Functions without a query, and why. */
const NOT_IN_DUCKDB: Readonly<Record<string, string>> = {
  user: 'runs code of the user: pipeline.test.ts',
  columns: 'runs code of the user: column-function.test.ts',
  field: 'the file has no structs: pipeline.test.ts',
  hash: 'its values are those of hashColumns, not of DuckDB: hash.test.ts',
};

test('every function of expressions and every aggregate is in some query, or listed with a reason', () => {
  const used = new Set<string>();
  for (const build of Object.values(EXPRESSIONS)) collectFunctions(build(columnsOf(flightsSchema)).node, used);
  const all = [...functionNames(), 'coalesce', 'field', 'at', 'case', 'cast'];
  expect(all.filter((name) => !used.has(name)).sort()).toEqual(Object.keys(NOT_IN_DUCKDB).sort());
  expect(Object.keys(EXPRESSIONS).length).toBeGreaterThan(60);
  const source = readFileSync(fileURLToPath(import.meta.url), 'utf8');
  aggregates(flightsSchema, (a) => {
    expect(Object.keys(a).filter((name) => !source.includes(`a.${name}(`))).toEqual([]);
    return { n: a.count() };
  });
});

function collectFunctions(node: ExprNode, into: Set<string>): void {
  if (node.op === 'call') into.add(node.name);
  else into.add(node.op);
  const children =
    node.op === 'call'
      ? node.args
      : node.op === 'cast'
        ? [node.arg]
        : node.op === 'case'
          ? [...node.branches.flat(), ...(node.otherwise === null ? [] : [node.otherwise])]
          : [];
  for (const child of children) collectFunctions(child, into);
}

/** Sums in another order differ in the last digits. */
function rounded(value: unknown): unknown {
  const plain = comparable(value);
  return typeof plain === 'number' ? Number(plain.toPrecision(9)) + 0 : plain;
}
