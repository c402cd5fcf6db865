import { loadavg } from 'node:os';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { type Batch, createBatch, defineSchema, type Fields, float64, int64, makeColumn, utf8 } from '@sabot/columnar';
import { pipeline } from '@sabot/columnar/expressions';
import {
  aggregates,
  createAccumulators,
  createGroupTable,
  createHashIndex,
  sortBatch,
  takeColumn,
} from '@sabot/columnar/kernels';

/**
 * Kernels against DuckDB with one thread, in one run, medians of `RUNS`.
 *
 * Ours starts from Arrow buffers and ends with Arrow columns; DuckDB starts from its own table and ends with a table.
 * Not measured: reading files, and DuckDB's conversion to and from Arrow, which would only add to its side.
 * `ROWS=10000000 pnpm --filter @sabot/columnar bench` takes larger tables.
 */
const ROWS = Number(process.env['ROWS'] ?? 1_000_000);
const RUNS = Number(process.env['RUNS'] ?? 3);
const BUILD_ROWS = Math.ceil(ROWS * 0.12);

const schema = defineSchema({ key: int64(), small: int64(), value: float64(), name: utf8() });
type Rows = Batch<typeof schema.fields>;

/** The same rows as DuckDB's: `(i * 7919) % ROWS` spreads the keys. */
function rowsLikeDuckdb(): Rows {
  const key = new Int32Array(2 * ROWS);
  const small = new Int32Array(2 * ROWS);
  const value = new Float64Array(ROWS);
  const offsets = new Int32Array(ROWS + 1);
  const bytes = new Uint8Array(5 * ROWS);
  for (let i = 0; i < ROWS; i++) {
    const spread = (i * 7919) % ROWS;
    key[2 * i] = spread;
    small[2 * i] = spread % 100;
    value[i] = (spread % 1000) / 8;
    let rest = 10_000 + (spread % 10_000);
    for (let digit = 4; digit >= 0; digit--, rest = Math.floor(rest / 10)) bytes[5 * i + digit] = 48 + (rest % 10);
    offsets[i + 1] = 5 * (i + 1);
  }
  return createBatch(schema, [
    makeColumn(int64(), ROWS, { values: key }),
    makeColumn(int64(), ROWS, { values: small }),
    makeColumn(float64(), ROWS, { values: value }),
    makeColumn(utf8(), ROWS, { values: bytes, offsets }),
  ]);
}

async function duckdbTables(): Promise<DuckDBConnection> {
  const duckdb = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  await duckdb.run(`create table t as select spread as key, spread % 100 as small, (spread % 1000) / 8.0 as value,
    cast(10000 + spread % 10000 as varchar) as name from (select (i * 7919) % ${ROWS} as spread from range(${ROWS}) r(i))`);
  await duckdb.run(`create table b as select key * 2 as key, value from t limit ${BUILD_ROWS}`);
  return duckdb;
}

function groupBy(batch: Rows, ...names: ('key' | 'small' | 'name')[]): number {
  const plan = aggregates(schema, (a) => ({ n: a.count(), sum: a.sum('value'), most: a.max('key') }));
  const columns = names.map((name) => batch.column(name));
  const table = createGroupTable(columns.map((column) => column.type));
  const totals = createAccumulators(plan);
  totals.update(table.assign(columns, batch.numRows), table.size, batch);
  totals.finish();
  return table.keys()[0]?.length ?? 0;
}

const derive = pipeline(schema)
  .filter((c) => c.value.gt(60))
  .select((c) => ({ key: c.key, scaled: c.value.mul(3).add(c.small), double: c.small.mul(2) }))
  .compile();

function join(batch: Rows, build: Batch<Fields>): number {
  const index = createHashIndex([build.columns[0] as (typeof build.columns)[number]]);
  const pairs = index.probe([batch.column('key')], batch.numRows);
  takeColumn(build.columns[1] as (typeof build.columns)[number], pairs.buildRows, pairs.count);
  for (const name of ['small', 'value'] as const) takeColumn(batch.column(name), pairs.probeRows, pairs.count);
  return pairs.count;
}

function buildSide(batch: Rows): Batch<Fields> {
  const doubled = pipeline(schema)
    .select((c) => ({ key: c.key.mul(2), value: c.value }))
    .compile();
  return doubled.run(
    createBatch(
      schema,
      batch.columns.map((column) => takeColumn(column, firstRows)),
    ),
  );
}

const firstRows = Int32Array.from({ length: BUILD_ROWS }, (_, i) => i);

async function median(work: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS + 1; run++) {
    const start = performance.now();
    await work();
    if (run > 0) times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] as number;
}

const batch = rowsLikeDuckdb();
const build = buildSide(batch);
const duckdb = await duckdbTables();
const into = (query: string) => () => duckdb.run(`create or replace temp table result as ${query}`);
const grouped = (keys: string) => into(`select ${keys}, count(*), sum(value), max(key) from t group by ${keys}`);
const lines: readonly (readonly [string, () => unknown, () => unknown])[] = [
  [
    'filter + project',
    () => derive.run(batch),
    into('select key, value * 3 + small, small * 2 from t where value > 60'),
  ],
  ['group by int64, 100 groups', () => groupBy(batch, 'small'), grouped('small')],
  ['group by int64, every row a group', () => groupBy(batch, 'key'), grouped('key')],
  ['group by utf8, 10,000 groups', () => groupBy(batch, 'name'), grouped('name')],
  ['group by utf8 and int64', () => groupBy(batch, 'name', 'small'), grouped('name, small')],
  [
    'sort by float64, int64',
    () => sortBatch(batch, [{ by: 'value' }, { by: 'key' }]),
    into('select * from t order by value, key'),
  ],
  [
    'int64 join, three payloads',
    () => join(batch, build),
    into('select b.value, t.small, t.value v from t join b on t.key = b.key'),
  ],
];
const results = [];
for (const [name, ours, theirs] of lines) {
  results.push({ name, oursMs: Math.round(await median(ours)), duckdbMs: Math.round(await median(theirs)) });
}
console.log(
  JSON.stringify({ rows: ROWS, runs: RUNS, node: process.version, loadAverage: loadavg()[0], results }, null, 2),
);
