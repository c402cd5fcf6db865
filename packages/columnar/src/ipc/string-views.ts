import { bitAt } from '../batch/bits.js';
import { malformed } from './malformed.js';
import type { ReadBudget } from './read-budget.js';

/** Strings of at most this many bytes stand inside their view. */
const INLINE = 12;

/**
 * Arrow's string views as offsets and bytes: each view is four words, its length, then the bytes themselves or a prefix,
 * the number of a content buffer and a position in it. Null rows are empty.
 */
export function joinViews(
  name: string,
  views: Int32Array,
  contents: readonly Uint8Array[],
  rows: number,
  validity: Uint8Array | null,
  budget: ReadBudget,
): { readonly offsets: Int32Array; readonly values: Uint8Array } {
  budget.take(4 * (rows + 1));
  const offsets = new Int32Array(rows + 1);
  let total = 0;
  for (let row = 0; row < rows; row++) {
    if (validity === null || bitAt(validity, row) === 1) total += viewLength(name, views, contents, row);
    if (total > 2 ** 31 - 1) throw malformed(`column "${name}" has views of more than 2^31 bytes`);
    offsets[row + 1] = total;
  }
  budget.take(total);
  const values = new Uint8Array(total);
  const inline = new Uint8Array(views.buffer as ArrayBuffer, views.byteOffset, views.byteLength);
  for (let row = 0; row < rows; row++) {
    const at = offsets[row] as number;
    const length = (offsets[row + 1] as number) - at;
    if (length === 0) continue;
    const content = length <= INLINE ? inline : (contents[views[4 * row + 2] as number] as Uint8Array);
    const start = length <= INLINE ? 16 * row + 4 : (views[4 * row + 3] as number);
    values.set(content.subarray(start, start + length), at);
  }
  return { offsets, values };
}

function viewLength(name: string, views: Int32Array, contents: readonly Uint8Array[], row: number): number {
  const length = views[4 * row] as number;
  if (length < 0) throw malformed(`column "${name}" has a view of negative length at row ${row}`);
  if (length <= INLINE) return length;
  const content = contents[views[4 * row + 2] as number];
  const start = views[4 * row + 3] as number;
  if (content === undefined || start < 0 || start + length > content.length) {
    throw malformed(`column "${name}" has a view outside its content at row ${row}`);
  }
  return length;
}
