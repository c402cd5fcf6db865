import { batchOf, defineSchema, describeSchema, int32, int64, rowsOf, sliceBatch, utf8 } from '@sabot/columnar';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrowTableJoin } from '../../src/arrow-table/arrow-table-join.js';
import { naiveJoin } from '../../src/testing.js';
import { orderRows, orders, ordersOf, priceRows, pricesOf } from '../keyed-rows.js';

const types = ['inner', 'left', 'right', 'full'] as const;

describe('arrowTableJoin', () => {
  it.each(types)('gives the rows of the %s join that nested loops give, in that order', (type) => {
    fc.assert(
      fc.property(orderRows, priceRows, fc.boolean(), fc.nat(3), (left, right, composite, skip) => {
        const on = composite ? { item: 'name', size: 'width' } : { item: 'name' };
        // Sliced batches: positions inside the buffers must not matter.
        const joined = arrowTableJoin(sliceBatch(ordersOf(left), skip), sliceBatch(pricesOf(right), skip), {
          on: composite ? { item: 'name', size: 'width' } : { item: 'name' },
          type,
        });
        expect(rowsOf(joined)).toEqual(
          naiveJoin(left.slice(skip), right.slice(skip), {
            on,
            type,
            leftColumns: orders.names,
            rightColumns: { name: 'name', width: 'width', note: 'note_right' },
          }),
        );
      }),
    );
  });

  it('makes the columns of a side that may be missing nullable', () => {
    const left = batchOf(defineSchema({ k: int32(), l: utf8() }), { k: [1], l: ['x'] });
    const right = batchOf(defineSchema({ k: int32(), r: int64() }), { k: [2], r: [7n] });
    const schemas = types.map((type) => describeSchema(arrowTableJoin(left, right, { on: 'k', type }).schema));
    expect(schemas).toEqual([
      'k: int32, l: utf8, k_right: int32, r: int64',
      'k: int32, l: utf8, k_right: int32?, r: int64?',
      'k: int32?, l: utf8?, k_right: int32, r: int64',
      'k: int32?, l: utf8?, k_right: int32?, r: int64?',
    ]);
  });

  it('puts out chosen columns under a prefix', () => {
    const left = batchOf(defineSchema({ k: int32() }), { k: [1, 2] });
    const right = batchOf(defineSchema({ k: int32(), r: utf8() }), { k: [2, 2], r: ['x', 'y'] });
    expect(rowsOf(arrowTableJoin(left, right, { on: ['k'], select: ['r'], prefix: 'right_' }))).toEqual([
      { k: 2, right_r: 'x' },
      { k: 2, right_r: 'y' },
    ]);
  });

  it('gives an empty batch of the right schema for empty sides', () => {
    const joined = arrowTableJoin(ordersOf([]), pricesOf([]), { on: { item: 'name' }, type: 'full' });
    expect([joined.numRows, joined.schema.names.length]).toEqual([0, 6]);
  });

  it('refuses a join without keys, unknown columns, and keys of different types', () => {
    const left = ordersOf([]);
    const right = pricesOf([]);
    const join = (on: unknown) => () => arrowTableJoin(left, right, { on: on as 'note' });
    expect(join({})).toThrow('SABOT_JOINS_KEY_INCOMPLETE');
    expect(join({ itme: 'name' })).toThrow('the left table has no column "itme"');
    expect(join({ item: 'nmae' })).toThrow('the right table has no column "nmae"');
    expect(join({ size: 'name' })).toThrow('"size" is int32? and "name" is dictionary?');
  });
});
