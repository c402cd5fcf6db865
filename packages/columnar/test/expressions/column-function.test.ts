import {
  batchOf,
  type Column,
  defineSchema,
  float64,
  int32,
  int64,
  makeColumn,
  nullable,
  rowsOf,
  utf8,
} from '@sabot/columnar';
import { columnFunction, columnsOf, compilePipeline, expressionOf, pipeline } from '@sabot/columnar/expressions';
import { describe, expect, test } from 'vitest';

const schema = defineSchema({ n: int32(), name: utf8() });
const batch = batchOf(schema, { n: [1, 2, 3, 4], name: ['a', 'b', 'c', 'd'] });
const c = columnsOf(schema);

const calls: number[] = [];
const running = columnFunction({
  name: 'running total',
  returns: float64(),
  fn: ([numbers], numRows) => {
    calls.push(numRows);
    let total = 0;
    const values = Float64Array.from({ length: numRows }, (_, row) => {
      total += (numbers as Column).values[row] as number;
      return total;
    });
    return makeColumn(float64(), numRows, { values });
  },
});

describe.each(['compiled', 'interpreted'] as const)('a function over columns in a %s pipeline', (mode) => {
  test('is called once per batch, with computed arguments, also inside of itself and of other expressions', () => {
    calls.length = 0;
    const run = pipeline(schema)
      .withColumns((x) => ({ sum: running(x.n.mul(2)).add(running(running(x.n))) }))
      .compile({ mode });
    expect(rowsOf(run.run(batch))).toEqual([
      { n: 1, name: 'a', sum: 3 },
      { n: 2, name: 'b', sum: 10 },
      { n: 3, name: 'c', sum: 22 },
      { n: 4, name: 'd', sum: 40 },
    ]);
    expect(calls).toEqual([4, 4, 4]);
    expect(run.schema.names).toEqual(['n', 'name', 'sum']);
  });

  test('sees the rows that the steps before left, and filters those after', () => {
    const run = pipeline(schema)
      .filter((x) => x.n.gt(1))
      .filter((x) => running(x.n).gt(2))
      .select((x) => ({ name: x.name }))
      .compile({ mode });
    expect(rowsOf(run.run(batch))).toEqual([{ name: 'c' }, { name: 'd' }]);
  });
});

test('what a function over columns gives is held to its declaration', () => {
  const short = columnFunction({
    name: 'short',
    returns: int64(),
    fn: () => makeColumn(int64(), 1, { values: new Int32Array(2) }),
  });
  const nulls = columnFunction({
    name: 'nulls',
    returns: int32(),
    fn: (_, rows) => makeColumn(nullable(int32()), rows, { values: new Int32Array(rows), validity: new Uint8Array(1) }),
  });
  const run = (expression: ReturnType<typeof short> | ReturnType<typeof nulls>) => () =>
    compilePipeline(schema, [{ select: { x: expression } }]).run(batch);
  expect(run(short())).toThrow(/"short" gave 1 rows of int64.*the batch has 4 rows.*EXPRESSION_INVALID/);
  expect(run(nulls())).toThrow(/"nulls" gave.*with 4 nulls.*EXPRESSION_INVALID/);
});

test('an expression with a function over columns explains itself and survives JSON', () => {
  const expression = running(c.n.add(1));
  const again = expressionOf(schema, JSON.parse(JSON.stringify(expression)));
  const run = compilePipeline(schema, [{ select: { x: again } }]);
  expect(run.explain()).toContain("select columns((n + 1), 'running total') as x");
  expect(rowsOf(run.run(batch)).map((row) => row['x'])).toEqual([2, 5, 9, 14]);
});
