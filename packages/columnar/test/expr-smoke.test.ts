import {
  batchOf,
  bool,
  defineSchema,
  dictionary,
  float64,
  int32,
  int64,
  list,
  nullable,
  rowsOf,
  sliceBatch,
  struct,
  timestamp,
  utf8,
} from '@sabot/columnar';
import { columnsOf, compilePipeline, lit, pipeline, userFunction, when } from '@sabot/columnar/expressions';
import { expect, test } from 'vitest';

const schema = defineSchema({
  d: nullable(int64()),
  x: int32(),
  f: nullable(float64()),
  o: utf8(),
  k: nullable(dictionary()),
  t: timestamp('us'),
  b: nullable(bool()),
  s: struct({ a: nullable(int32()) }),
  l: list(int32()),
});
const batch = sliceBatch(
  batchOf(schema, {
    d: [0n, 15n, null, 2n ** 62n, -7n],
    x: [0, 1, 2, 3, -4],
    f: [0, 1.5, null, NaN, -2.5],
    o: ['', 'LAS', 'ÄtL', ' pad ', 'ATL'],
    k: [null, 'a', null, 'b', 'a'],
    t: [0, 978307260000.5, -1, 1.7e12, 951782400000],
    b: [true, true, null, false, null],
    s: [{ a: 1 }, { a: 2 }, { a: null }, { a: 4 }, { a: 5 }],
    l: [[1], [1, 2], [], [5, 6, 7], [8]],
  }),
  1,
);
const twice = userFunction({
  name: 'twice',
  returns: utf8(),
  fn: (n: number, t: string) => (n > 2 ? null : `${t}${n * 2}`),
});
test.each(['compiled', 'interpreted'] as const)('%s', (mode) => {
  const p = pipeline(schema)
    .withColumns((c) => ({
      sum: c.d.intDiv(2).add(c.x),
      half: c.x.div(2),
      m: c.d.mod(4),
      cmp: c.d.gt(10).or(c.b),
      u: c.o.upper().concat('!'),
      len: c.o.length(),
      hour: c.t.truncate('hour'),
      month: c.t.truncate('month'),
      y: c.t.extract('year'),
      ms: c.t.extract('millisecond'),
      ep: c.t.epochMs(),
      tz: c.t.inZone('America/New_York').extract('hour'),
      isn: c.f.isNull(),
      co: c.f.orElse(9),
      inn: c.k.in(['a', 'z']),
      ca: when(c.d.gt(10), lit('big')).when(c.x.lt(0), c.o).end(),
      str: c.d.cast(utf8()),
      num: c.o.tryCast(int64()),
      fa: c.s.field('a'),
      last: c.l.at(-1),
      ll: c.l.listLength(),
      tw: twice(c.x, c.o),
      btw: c.x.between(1, 2),
    }))
    .filter((c) => c.x.gt(-10).and(c.o.neq('zzz')))
    .compile({ mode });
  if (mode === 'compiled') console.log(p.code({ nulls: true }).slice(0, 1500));
  const rows = rowsOf(p.run(batch));
  expect(rows.map(({ d, x, f, o, k, t, b, s, l, ...r }) => r)).toMatchSnapshot();
});
test('filter', () => {
  const c = columnsOf(schema);
  for (const mode of ['compiled', 'interpreted'] as const) {
    const p = compilePipeline(schema, [{ filter: c.k.eq('a') }, { select: { o: c.o, k2: c.k, xx: c.x.mul(2) } }], {
      mode,
    });
    expect(rowsOf(p.run(batch) as never)).toEqual([
      { o: 'LAS', k2: 'a', xx: 2 },
      { o: 'ATL', k2: 'a', xx: -8 },
    ]);
  }
  expect(() => (c as never as { dealy: unknown }).dealy).toThrow('there is no column "dealy"');
  expect(() => compilePipeline(schema, [{ select: { q: c.d.mul(4) } }]).run(batch as never)).toThrow(
    'ARITHMETIC_OVERFLOW',
  );
});
