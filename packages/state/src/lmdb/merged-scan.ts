import { compareBytes } from '../bytes/compare.js';
import type { Cell } from '../store/ordered-bytes.js';

type Layer = IterableIterator<readonly [key: Uint8Array, cell: Cell]>;

/** The cells of several ordered layers in key order; of equal keys, the one of the first layer. */
export function* mergeLayers(layers: readonly Layer[]): IterableIterator<readonly [key: Uint8Array, cell: Cell]> {
  try {
    const heads = layers.map((layer) => layer.next());
    for (;;) {
      const winner = smallest(heads);
      if (winner === undefined) return;
      yield winner;
      for (let at = 0; at < heads.length; at++) {
        const head = heads[at] as IteratorResult<readonly [Uint8Array, Cell]>;
        if (head.done !== true && compareBytes(head.value[0], winner[0]) === 0) {
          heads[at] = (layers[at] as Layer).next();
        }
      }
    }
  } finally {
    for (const layer of layers) layer.return?.();
  }
}

/** The entries that are there: deleted ones are left out. */
export function* withoutDeleted(
  cells: Iterable<readonly [key: Uint8Array, cell: Cell]>,
): IterableIterator<readonly [key: Uint8Array, value: Uint8Array]> {
  for (const [key, cell] of cells) if (cell !== null) yield [key, cell];
}

function smallest(
  heads: readonly IteratorResult<readonly [Uint8Array, Cell]>[],
): readonly [Uint8Array, Cell] | undefined {
  let winner: readonly [Uint8Array, Cell] | undefined;
  for (const head of heads) {
    if (head.done === true) continue;
    if (winner === undefined || compareBytes(head.value[0], winner[0]) < 0) winner = head.value;
  }
  return winner;
}
