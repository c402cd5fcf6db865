import { batchFromRows, defineSchema, int32, nullable, rowsOf, utf8 } from '@sabot/columnar';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tableFromBatches, tableFromRows } from '../../src/table/memory-table.js';

const schema = defineSchema({ a: nullable(utf8()), b: nullable(int32()), n: int32() });
const someRow = fc.record({
  a: fc.option(fc.constantFrom('x', 'y', ''), { freq: 5 }),
  b: fc.option(fc.nat(2), { freq: 5 }),
  n: fc.nat(100),
});

describe('a table in memory', () => {
  it('holds the last row of each key and counts what it left out', () => {
    fc.assert(
      fc.property(fc.array(fc.array(someRow, { maxLength: 8 }), { maxLength: 4 }), (batches) => {
        const table = tableFromBatches(
          schema,
          batches.map((rows) => batchFromRows(schema, rows)),
          { key: ['a', 'b'] },
        );
        const rows = batches.flat();
        const whole = rows.filter(({ a, b }) => a !== null && b !== null);
        const last = new Map(whole.map((row) => [`${row.a}/${row.b}`, row]));
        expect(rowsOf(table.batch)).toEqual([...last.values()]);
        expect(table.stats).toMatchObject({
          rows: last.size,
          replacedRows: whole.length - last.size,
          nullKeyRows: rows.length - whole.length,
        });
      }),
    );
  });

  it('takes its name and key from the options', () => {
    const table = tableFromRows(schema, [{ a: 'x', b: 1, n: 2 }], { key: 'a', name: 'letters' });
    expect([table.name, table.key, table.stats.rows]).toEqual(['letters', ['a'], 1]);
    expect(table.stats.bytes).toBeGreaterThan(0);
  });

  it('names a key column that is not there', () => {
    expect(() => tableFromRows(schema, [], { key: 'c' as 'a', name: 'letters' })).toThrow(
      'table "letters" has no column "c": its columns are "a", "b", "n"',
    );
  });
});
