import type { Column } from '../../batch/column.js';
import { compareBy } from './compare-rows.js';
import type { ComposedKey } from './compose-key.js';
import { composeKey } from './compose-key.js';
import { mergeSort } from './merge-sort.js';
import { radixSort } from './radix-sort.js';
import type { SortOrder } from './sort-order.js';

/** The order of rows by composed keys; runs that these cannot tell apart are sorted by comparing. */
export function radixRows(columns: readonly Column[], orders: readonly SortOrder[], numRows: number): Int32Array {
  const key = composeKey(columns, orders, numRows, rankWords);
  const rows = radixSort(key, numRows);
  if (!key.exact) sortRuns(key, rows, compareBy(columns, orders));
  return rows;
}

function sortRuns(key: ComposedKey, rows: Int32Array, compare: (a: number, b: number) => number): void {
  let start = 0;
  for (let i = 1; i <= rows.length; i++) {
    if (i < rows.length && sameKey(key, rows[i - 1] as number, rows[i] as number)) continue;
    if (i - start > 1) rows.set(mergeSort(rows.slice(start, i), compare), start);
    start = i;
  }
}

function sameKey({ words }: ComposedKey, a: number, b: number): boolean {
  for (let w = 0; w < words.length; w++) if ((words[w] as Int32Array)[a] !== (words[w] as Int32Array)[b]) return false;
  return true;
}

/** The place of each word of a dictionary among them, equal words at equal places. */
function rankWords(words: Column): Int32Array {
  const compare = compareBy([words], []);
  const rows = radixRows([words], [], words.length);
  const ranks = new Int32Array(words.length);
  for (let i = 1; i < rows.length; i++) {
    const [before, row] = [rows[i - 1] as number, rows[i] as number];
    ranks[row] = (ranks[before] as number) + (compare(before, row) === 0 ? 0 : 1);
  }
  return ranks;
}
