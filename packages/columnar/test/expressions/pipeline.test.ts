import {
  batchOf,
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
import {
  columnsOf,
  columnsUsed,
  compilePipeline,
  describeExpression,
  expressionOf,
  lit,
  pipeline,
  userFunction,
  when,
} from '@sabot/columnar/expressions';
import { describe, expect, test, vi } from 'vitest';

const schema = defineSchema({
  delay: nullable(int64()),
  seats: int32(),
  origin: utf8(),
  carrier: nullable(dictionary()),
  at: timestamp('us'),
  place: struct({ zip: nullable(int32()) }),
  stops: list(int32()),
});
const c = columnsOf(schema);
// The first row is cut off, so that every offset and bit offset is used.
const flights = sliceBatch(
  batchOf(schema, {
    delay: [0n, 15n, null, 2n ** 62n, -7n],
    seats: [0, 1, 2, 3, -4],
    origin: ['', 'LAS', 'Ätl', ' ATL ', 'JFK'],
    carrier: [null, 'AA', null, 'DL', 'AA'],
    at: [0, 978307260000.5, -1, 1.7e12, 951782400000],
    place: [{ zip: 1 }, { zip: 2 }, { zip: null }, { zip: 4 }, { zip: 5 }],
    stops: [[1], [1, 2], [], [5, 6, 7], [8]],
  }),
  1,
);

describe.each(['compiled', 'interpreted'] as const)('a %s pipeline', (mode) => {
  const values = (
    expression: Parameters<typeof describeExpression>[0],
    overflow: 'error' | 'wrap' = 'error',
  ): unknown[] => {
    const run = compilePipeline(schema, [{ select: { value: expression } }], { mode, overflow });
    return rowsOf(run.run(flights)).map((row) => row['value']);
  };

  test('filters, derives and selects in one pass, each step seeing the one before', () => {
    const late = pipeline(schema)
      .filter((x) => x.carrier.eq('AA'))
      .withColumns((x) => ({ half: x.seats.div(2) }))
      .filter((x) => x.half.lt(1))
      .select((x) => ({ origin: x.origin, quarter: x.half.div(2) }))
      .compile({ mode });
    expect(rowsOf(late.run(flights))).toEqual([
      { origin: 'LAS', quarter: 0.25 },
      { origin: 'JFK', quarter: -1 },
    ]);
  });

  test('passes columns through without copying when no row is left out', () => {
    const run = compilePipeline(schema, [{ withColumns: { more: c.seats.add(1) } }], { mode });
    expect(run.run(flights).column('at').values).toBe(flights.column('at').values);
  });

  test('reads structs, lists, dictionaries and time zones', () => {
    expect(values(c.place.field('zip'))).toEqual([2, null, 4, 5]);
    expect(values(c.stops.at(-1))).toEqual([2, null, 7, 8]);
    expect(values(c.stops.at(1))).toEqual([2, null, 6, null]);
    expect(values(c.stops.listLength())).toEqual([2, 0, 3, 1]);
    expect(values(c.carrier.in(['AA', 'UA']))).toEqual([true, null, false, true]);
    expect(values(c.at.inZone('America/New_York').extract('hour'))).toEqual([19, 18, 17, 19]);
    expect(values(c.at.truncate('month'))).toEqual([978307200000, -2678400000, 1698796800000, 949363200000]);
  });

  test('computes 64-bit integers exactly beyond 2^53', () => {
    expect(values(c.delay.sub(1))).toEqual([14n, null, 2n ** 62n - 1n, -8n]);
    expect(values(c.delay.intDiv(3))).toEqual([5n, null, 1537228672809129301n, -2n]);
    expect(values(c.delay.mod(5))).toEqual([0n, null, 4n, -2n]);
    expect(values(c.delay.cast(utf8()))).toEqual(['15', null, '4611686018427387904', '-7']);
  });

  test('fails on integer overflow, or wraps when told to', () => {
    expect(() => values(c.delay.mul(4))).toThrow(/mul left the range of its type.*int64.*ARITHMETIC_OVERFLOW/);
    expect(values(c.delay.mul(4), 'wrap')).toEqual([60n, null, 0n, -28n]);
  });

  test('computes a branch only where it is chosen', () => {
    const safe = when(c.seats.lt(3), c.delay.mul(4)).otherwise(lit(0n));
    expect(values(safe)).toEqual([60n, null, 0n, -28n]);
    const guarded = c.seats.lt(3).and(c.delay.mul(4).gt(0));
    expect(values(guarded)).toEqual([true, null, false, false]);
  });

  test('fails on a cast that does not fit and gives null with tryCast', () => {
    expect(() => values(c.origin.cast(int32()))).toThrow(/cast a value from utf8 to int32.*CAST_INVALID/);
    expect(values(c.origin.tryCast(int32()))).toEqual([null, null, null, null]);
    expect(values(lit('12').tryCast(float64()))).toEqual([12, 12, 12, 12]);
  });

  test('calls a function of the user with plain values, not for nulls', () => {
    const label = userFunction({
      name: 'label',
      returns: utf8(),
      fn: (delay: number, origin: string) => (delay < 0 ? null : `${origin}:${delay}`),
    });
    expect(values(label(c.delay, c.origin))).toEqual(['LAS:15', null, ` ATL :${2 ** 62}`, null]);
  });
});

describe('an expression', () => {
  test('prints as text, names the columns it reads, and survives JSON', () => {
    const expression = c.delay.gt(15).and(c.origin.upper().eq("O'Hare"));
    expect(describeExpression(expression)).toBe("((delay > 15) and (upper(origin) = 'O''Hare'))");
    expect(columnsUsed(expression)).toEqual(['delay', 'origin']);
    expect(expressionOf(schema, JSON.parse(JSON.stringify(expression))).node).toEqual(expression.node);
  });

  test('of an unknown column is refused with the nearest name', () => {
    const loose = c as unknown as Readonly<Record<string, unknown>>;
    expect(() => loose['dealy']).toThrow(/no column "dealy".*Did you mean "delay"\?.*COLUMN_UNKNOWN/);
  });

  test('of wrong operands is refused with the part that is wrong', () => {
    const node = { op: 'call', name: 'add', args: [c.origin.node, c.delay.node] } as const;
    expect(() => expressionOf(schema, node)).toThrow(/\(origin \+ delay\).*not \(utf8, int64\?\).*EXPRESSION_INVALID/);
    expect(() => c.delay.mul(0.5)).toThrow(/0\.5 is not a value of type int64.*lit\(0\.5\)/);
    expect(() => expressionOf(schema, { op: 'call', name: 'constructor', args: [] })).toThrow(
      /no function "constructor"/,
    );
  });
});

describe('generated code', () => {
  test('holds no name or string of the user', () => {
    const evil = '"]; process.exit(1); //\n*/ `x`';
    const odd = defineSchema({ [evil]: utf8() });
    const columns = columnsOf(odd);
    const column = (columns as unknown as Record<string, typeof c.origin>)[evil] as typeof c.origin;
    const run = compilePipeline(odd, [
      { filter: column.neq('\u2028*/ alert(1)') },
      { withColumns: { [`${evil}2`]: column.upper() } },
    ]);
    const code = run
      .code()
      .split('\n')
      .filter((line) => !line.trimStart().startsWith('//'));
    expect(code.join('\n')).not.toMatch(/process|alert/);
    expect(rowsOf(run.run(batchOf(odd, { [evil]: ['a'] })))).toEqual([{ [evil]: 'a', [`${evil}2`]: 'A' }]);
  });

  test('is one loop with a comment per step', () => {
    const code = compilePipeline(schema, [{ filter: c.seats.gt(1) }, { select: { twice: c.seats.mul(2) } }]).code();
    expect(code.match(/for \(/g)).toHaveLength(1);
    expect(code).toContain('// filter (seats > 1)');
    expect(code).toContain('// twice = (seats * 2)');
  });
});

test('where code generation is forbidden, auto interprets with the same result and compiled is refused', async () => {
  const steps = [{ filter: c.seats.gt(1) }];
  const expected = rowsOf(compilePipeline(schema, steps).run(flights));
  vi.resetModules();
  vi.stubGlobal('Function', function forbidden() {
    throw new EvalError('Code generation from strings disallowed for this context');
  });
  try {
    const fresh = await import('@sabot/columnar/expressions');
    const run = fresh.compilePipeline(schema, steps);
    expect(run.mode).toBe('interpreted');
    expect(rowsOf(run.run(flights))).toEqual(expected);
    expect(() => fresh.compilePipeline(schema, steps, { mode: 'compiled' })).toThrow('CODE_GENERATION_FORBIDDEN');
  } finally {
    vi.unstubAllGlobals();
  }
});
