import {
  batchFromRows,
  binary,
  bool,
  createBatchBuilder,
  createRowCursor,
  date,
  decimal128,
  defineSchema,
  dictionary,
  duration,
  float32,
  int8,
  int32,
  int64,
  list,
  nullable,
  rowsOf,
  sliceBatch,
  struct,
  time,
  timestamp,
  uint64,
  utf8,
} from '@sabot/columnar';
import { batchFromArrow, batchToArrow, tableFromBatches } from '@sabot/columnar/arrow';
import { decodeBatch, decodeIpcStream, encodeBatch } from '@sabot/columnar/ipc';
import { concatBatches, createGroupTable, takeBatch, takeBatchOrNull } from '@sabot/columnar/kernels';
import { tableFromIPC, tableToIPC } from 'apache-arrow';
import { expect, test } from 'vitest';

const schema = defineSchema(
  {
    a: utf8(),
    b: nullable(int64()),
    l: list(nullable(int32())),
    s: struct({ x: bool(), y: nullable(utf8()) }),
    d: decimal128(10, 2),
    k: nullable(dictionary()),
    t: timestamp('us'),
    dd: date(),
    tt: nullable(time('ns')),
    k2: dictionary(),
    bb: nullable(binary()),
    du: duration('s'),
    f: float32(),
    i8: int8(),
    u: uint64(),
    tz: timestamp('ns', 'UTC'),
    ld: nullable(list(dictionary())),
  },
  { hello: 'wörld' },
);
const extra = { k2: 'w', bb: null, du: 5000, f: 0.5, i8: -4, u: 2n ** 64n - 1n, tz: 1.5, ld: ['p', 'q'] };
const rows = [
  {
    a: 'x',
    b: 5n,
    l: [1, null],
    s: { x: true, y: null },
    d: '12.30',
    k: 'k1',
    t: 978307260000.001,
    dd: 86400000,
    tt: 1.5,
    ...extra,
  },
  {
    a: 'héé',
    b: null,
    l: [],
    s: { x: false, y: 'q' },
    d: '-0.05',
    k: null,
    t: -1,
    dd: -86400000,
    tt: null,
    ...extra,
    ld: null,
  },
  {
    a: '',
    b: -(2n ** 63n),
    l: [7],
    s: { x: true, y: 'zz' },
    d: '99999999.99',
    k: 'k1',
    t: 0,
    dd: 0,
    tt: 0,
    ...extra,
    k2: 'v',
  },
];
test('roundtrip', () => {
  const b = batchFromRows(schema, rows);
  expect(rowsOf(b)).toEqual(rows);
  expect(rowsOf(sliceBatch(b, 1))).toEqual(rows.slice(1));
  expect(rowsOf(sliceBatch(sliceBatch(b, 1), 1))).toEqual(rows.slice(2));
  const builder = createBatchBuilder(schema);
  builder.appendBatch(sliceBatch(b, 1));
  builder.appendBatch(b);
  expect(rowsOf(builder.finish())).toEqual([...rows.slice(1), ...rows]);
  const c = createRowCursor(schema);
  c.open(b);
  c.row = 1;
  expect(c.value.b).toBe(null);
});
test('ipc', () => {
  const b = sliceBatch(batchFromRows(schema, [...rows, ...rows]), 1);
  const want = rowsOf(b);
  expect(rowsOf(decodeBatch(schema, encodeBatch(b)))).toEqual(want);
  const d = decodeIpcStream(encodeBatch(b));
  expect(d.schema).toEqual(schema);
  const t = tableFromIPC(encodeBatch(b));
  expect(t.numRows).toBe(5);
  expect(t.schema.metadata.get('hello')).toBe('wörld');
  expect(rowsOf(batchFromArrow(t.batches[0]!))).toEqual(want);
  const back = tableFromIPC(tableToIPC(tableFromBatches(schema, [b])));
  expect(rowsOf(batchFromArrow(back.batches[0]!))).toEqual(want);
  expect(rowsOf(batchFromArrow(batchToArrow(b)))).toEqual(want);
  expect(rowsOf(decodeIpcStream(tableToIPC(tableFromBatches(schema, [b]), 'stream')).batches[0]!)).toEqual(want);
});
test('kernels', () => {
  const b = sliceBatch(batchFromRows(schema, [...rows, ...rows]), 1);
  const want = rowsOf(b);
  expect(rowsOf(takeBatch(b, Int32Array.of(4, 0, 0)))).toEqual([want[4], want[0], want[0]]);
  expect(rowsOf(concatBatches(schema, [b, sliceBatch(b, 1, 3), b]))).toEqual([...want, ...want.slice(1, 3), ...want]);
  expect(rowsOf(takeBatchOrNull(b, Int32Array.of(-1, 2)))[1]).toEqual(want[2]);
  expect(Object.values(rowsOf(takeBatchOrNull(b, Int32Array.of(-1, 2)))[0]!).every((v) => v === null)).toBe(true);
  const g = createGroupTable([nullable(dictionary()), nullable(int64())]);
  expect([...g.assign([b.column('k'), b.column('b')], 5)]).toEqual([0, 1, 2, 0, 1]);
  const g2 = createGroupTable([nullable(dictionary()), nullable(int64())]);
  g2.restore(g.snapshot());
  expect([...g2.lookup([b.column('k'), b.column('b')], 5)]).toEqual([0, 1, 2, 0, 1]);
  g2.retain(Int32Array.of(2));
  expect([...g2.lookup([b.column('k'), b.column('b')], 5)]).toEqual([-1, -1, 0, -1, -1]);
});

import { batchOf, createBatch, float64 } from '@sabot/columnar';
import { aggregates, createAccumulators, createHashIndex, sortBatch } from '@sabot/columnar/kernels';

test('aggregates', () => {
  const s = defineSchema({ k: utf8(), v: nullable(int64()), f: float64(), o: bool() });
  const b = batchOf(s, {
    k: ['a', 'b', 'a', 'b', 'a'],
    v: [1n, null, 3n, null, 5n],
    f: [1, 2, 3, 4, NaN],
    o: [true, false, true, true, true],
  });
  const plan = aggregates(s, (a) => ({
    n: a.count(),
    nv: a.count('v'),
    s: a.sum('v'),
    m: a.mean('v'),
    lo: a.min('v'),
    hi: a.max('v'),
    fs: a.sum('f'),
    fm: a.max('f'),
    mk: a.max('k'),
    sd: a.stddev('v'),
    fi: a.first('k'),
    la: a.last('v'),
    bo: a.boolAnd('o'),
  }));
  const table = createGroupTable([utf8()]);
  const acc = createAccumulators(plan);
  acc.update(table.assign([b.column('k')], 5), table.size, b);
  const out = createBatch(plan.outputSchema, acc.finish());
  const want = [
    { n: 3n, nv: 3n, s: 9n, m: 3, lo: 1n, hi: 5n, fs: NaN, fm: NaN, mk: 'a', sd: 2, fi: 'a', la: 5n, bo: true },
    {
      n: 2n,
      nv: 0n,
      s: null,
      m: null,
      lo: null,
      hi: null,
      fs: 6,
      fm: 4,
      mk: 'b',
      sd: null,
      fi: 'b',
      la: null,
      bo: false,
    },
  ];
  expect(rowsOf(out)).toEqual(want);
  const again = createAccumulators(plan);
  again.restore(acc.snapshot());
  expect(rowsOf(createBatch(plan.outputSchema, again.finish()))).toEqual(want);
  again.retain(Int32Array.of(1));
  expect(rowsOf(createBatch(plan.outputSchema, again.finish()))).toEqual([want[1]]);
  again.merge(acc, Int32Array.of(1, 0), 2);
  expect(rowsOf(createBatch(plan.outputSchema, again.finish()))[1]).toEqual(want[0]);
  const ix = createHashIndex([b.column('k')]);
  const p = ix.probeLeft([batchOf(defineSchema({ k: utf8() }), { k: ['b', 'z', 'a'] }).column('k')], 3);
  expect([...p.probeRows.subarray(0, p.count)]).toEqual([0, 0, 1, 2, 2, 2]);
  expect([...p.buildRows.subarray(0, p.count)]).toEqual([1, 3, -1, 0, 2, 4]);
  expect(rowsOf(sortBatch(b, [{ by: 'v', descending: true }, { by: 'f' }])).map((r) => r.f)).toEqual([NaN, 3, 1, 2, 4]);
});
