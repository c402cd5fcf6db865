import { batchFromRows, defineSchema, dictionary, int32, nullable, utf8 } from '@sabot/columnar';
import fc from 'fast-check';

/** Sides that share a column name, with a text key and a number key that may be null, and plenty of duplicates. */
export const orders = defineSchema({ item: nullable(utf8()), size: nullable(int32()), note: utf8() });
export const prices = defineSchema({ name: nullable(dictionary()), width: nullable(int32()), note: nullable(utf8()) });

const text = fc.option(fc.constantFrom('', 'a', 'b', 'é', 'longer than twelve bytes'), { freq: 4 });
const number = fc.option(fc.integer({ min: -1, max: 2 }), { freq: 4 });

const orderRow = fc.record({ item: text, size: number, note: fc.string({ maxLength: 3 }) });
const priceRow = fc.record({ name: text, width: number, note: fc.option(fc.string({ maxLength: 3 })) });

export const orderRows = fc.array(orderRow, { maxLength: 20 });
export const priceRows = fc.array(priceRow, { maxLength: 20 });

export const ordersOf = (rows: Parameters<typeof batchFromRows<typeof orders.fields>>[1]) =>
  batchFromRows(orders, rows);
export const pricesOf = (rows: Parameters<typeof batchFromRows<typeof prices.fields>>[1]) =>
  batchFromRows(prices, rows);
