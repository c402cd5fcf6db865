import { type Batch, defineSchema, type Fields, float64, int64 } from '@sabot/columnar';
import { type CompiledPipeline, pipeline } from '@sabot/columnar/expressions';
import {
  aggregates,
  createHashIndex,
  groupBatch,
  sortBatch,
  takeBatch,
  takeColumn,
  uniqueRows,
} from '@sabot/columnar/kernels';
import type { Line } from './contenders.js';
import type { ColumnRule, TableRule } from './tables.js';

/** `COLUMNAR_ROWS=1000000` takes smaller tables. */
const ROWS = Number(process.env['COLUMNAR_ROWS'] ?? 10_000_000);
const BUILD_ROWS = Math.round(ROWS * 0.12);
const TEXT_ROWS = Math.min(ROWS, 1_000_000);

const key: ColumnRule = { kind: 'mixed', distinct: ROWS, salt: 1 };
const small: ColumnRule = { kind: 'mixed', distinct: 100, salt: 2 };
const wide: ColumnRule = { kind: 'mixed', distinct: Math.round(ROWS / 10), salt: 3 };
const value: ColumnRule = { kind: 'eighths', salt: 4 };
const name: ColumnRule = { kind: 'name', of: { kind: 'mixed', distinct: 10_000, salt: 5 } };

function table(columns: Readonly<Record<string, ColumnRule>>): { t: TableRule } {
  return { t: { rows: ROWS, columns } };
}

const derived = defineSchema({ key: int64(), small: int64(), value: float64() });
const derive: CompiledPipeline<typeof derived.fields, Fields> = pipeline(derived)
  .filter((c) => c.value.gt(60))
  .select((c) => ({ key: c.key, scaled: c.value.mul(3).add(c.small), double: c.small.mul(2) }))
  .compile();

const filterAndProject: Line = {
  name: 'filter and project',
  what: 'Keeps half of 10M rows (int64, int64, float64) and computes two columns of them.',
  tables: table({ key, small, value }),
  sabot: ({ t }) => derive.run(t as Batch<typeof derived.fields>).numRows,
  sql: 'select key, value * 3 + small as scaled, small * 2 as double from t where value > 60',
  polars: ({ t }, pl) =>
    (t as NonNullable<typeof t>)
      .lazy()
      .filter(pl.col('value').gt(60))
      .select(
        pl.col('key'),
        pl.col('value').multiplyBy(3).plus(pl.col('small')).alias('scaled'),
        pl.col('small').multiplyBy(2).alias('double'),
      )
      .collectSync(),
  arquero: ({ t }) =>
    (t as NonNullable<typeof t>)
      .filter((d: { value: number }) => d.value > 60)
      .derive({
        scaled: (d: { value: number; small: number }) => d.value * 3 + d.small,
        double: (d: { small: number }) => d.small * 2,
      })
      .select('key', 'scaled', 'double')
      .reify(),
};

function groupBy(label: string, columns: Readonly<Record<string, ColumnRule>>, keys: readonly string[]): Line {
  const input: Record<string, ColumnRule> = { ...columns, key, value };
  return {
    name: `group by ${label}`,
    what: `Counts, sums and takes the greatest of 10M rows by ${label}.`,
    tables: table(input),
    sabot: ({ t }) => grouped(t as Batch, keys),
    sql: `select ${keys.join(', ')}, count(*) as n, sum(value) as sum, max(key) as most from t group by ${keys.join(', ')}`,
    polars: ({ t }, pl) =>
      (t as NonNullable<typeof t>)
        .lazy()
        .groupBy([...keys])
        .agg(pl.col('value').count().alias('n'), pl.col('value').sum().alias('sum'), pl.col('key').max().alias('most'))
        .collectSync(),
    arquero: ({ t }, aq) =>
      (t as NonNullable<typeof t>)
        .groupby(...keys)
        .rollup({ n: aq.op.count(), sum: aq.op.sum('value'), most: aq.op.max('key') }),
  };
}

function grouped(batch: Batch, keys: readonly string[]): number {
  // The columns are there: the table was made for this line.
  const plan = aggregates(batch.schema as typeof derived, (a) => ({
    n: a.count(),
    sum: a.sum('value'),
    most: a.max('key'),
  }));
  return groupBatch(batch as Batch<typeof derived.fields>, keys as readonly 'key'[], plan).numRows;
}

const sort: Line = {
  name: 'sort',
  what: 'Sorts 10M rows (int64, int64, float64) by the float64 and an int64.',
  tables: table({ key, small, value }),
  sabot: ({ t }) => sortBatch(t as Batch<typeof derived.fields>, [{ by: 'value' }, { by: 'key' }]).numRows,
  sql: 'select * from t order by value, key',
  polars: ({ t }) => (t as NonNullable<typeof t>).sort(['value', 'key']),
  arquero: ({ t }) => (t as NonNullable<typeof t>).orderby('value', 'key').reify(),
};

const distinct: Line = {
  name: 'distinct',
  what: 'The 1M distinct of 10M int64.',
  tables: table({ wide }),
  sabot: ({ t }) => takeBatch(t as Batch, uniqueRows((t as Batch).columns, ROWS)).numRows,
  sql: 'select distinct wide from t',
  polars: ({ t }) => (t as NonNullable<typeof t>).unique(),
  arquero: ({ t }) => (t as NonNullable<typeof t>).dedupe('wide').reify(),
};

function int64Join(label: string, factor: number): Line {
  const probed: ColumnRule = { kind: 'mixed', distinct: 2 * BUILD_ROWS, salt: 6, factor };
  return {
    name: `int64 join, ${label}`,
    what: `Joins 10M rows with 1.2M of which half find one; ${label}; gathers one column of the built side and two of the probing side.`,
    tables: {
      t: { rows: ROWS, columns: { key: probed, small, value } },
      b: {
        rows: BUILD_ROWS,
        columns: { id: { kind: 'permuted', factor: 2 * factor }, extra: { kind: 'eighths', salt: 7 } },
      },
    },
    sabot: ({ t, b }) => joined(t as Batch, 'key', ['small', 'value'], b as Batch),
    sql: 'select extra, small, value from t join b on key = id',
    polars: ({ t, b }) =>
      (t as NonNullable<typeof t>)
        .lazy()
        .join((b as NonNullable<typeof b>).lazy(), { leftOn: 'key', rightOn: 'id', how: 'inner' })
        .select('extra', 'small', 'value')
        .collectSync(),
    arquero: ({ t, b }) =>
      (t as NonNullable<typeof t>)
        .join(b as NonNullable<typeof b>, ['key', 'id'], [['small', 'value'], ['extra']])
        .reify(),
  };
}

const textJoin: Line = {
  name: 'utf8 join',
  what: 'Joins 1M names of 12 bytes with 1M of which half find one; gathers one column of each side.',
  tables: {
    t: { rows: TEXT_ROWS, columns: { name: { kind: 'name', of: { ...key, distinct: 2 * TEXT_ROWS } }, value } },
    b: {
      rows: TEXT_ROWS,
      columns: { id: { kind: 'name', of: { kind: 'permuted', factor: 2 } }, extra: { kind: 'eighths', salt: 7 } },
    },
  },
  sabot: ({ t, b }) => joined(t as Batch, 'name', ['value'], b as Batch),
  sql: 'select extra, value from t join b on name = id',
  polars: ({ t, b }) =>
    (t as NonNullable<typeof t>)
      .lazy()
      .join((b as NonNullable<typeof b>).lazy(), { leftOn: 'name', rightOn: 'id', how: 'inner' })
      .select('extra', 'value')
      .collectSync(),
  arquero: ({ t, b }) =>
    (t as NonNullable<typeof t>).join(b as NonNullable<typeof b>, ['name', 'id'], [['value'], ['extra']]).reify(),
};

function joined(probe: Batch, on: string, payloads: readonly string[], build: Batch): number {
  const index = createHashIndex([build.column('id')]);
  const pairs = index.probe([probe.column(on)], probe.numRows);
  const extra = takeColumn(build.column('extra'), pairs.buildRows, pairs.count);
  for (const payload of payloads) takeColumn(probe.column(payload), pairs.probeRows, pairs.count);
  return extra.length;
}

/** The lines of the suite, in the order of the table. */
export const lines: readonly Line[] = [
  filterAndProject,
  groupBy('int64, 100 groups', { small }, ['small']),
  groupBy('int64, 1M groups', { wide }, ['wide']),
  groupBy('utf8, 10,000 groups', { name }, ['name']),
  groupBy('utf8 and int64, 1M groups', { name, small }, ['name', 'small']),
  sort,
  distinct,
  int64Join('keys in a range', 1),
  int64Join('keys spread over 64 bits', 3_000_000_019),
  textJoin,
];
