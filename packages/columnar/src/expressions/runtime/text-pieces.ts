import { splitPartText } from './text.js';
import { OUT } from './wide-math.js';

/** How many pieces a separator cuts a string into; an empty one cuts nothing. */
export function pieceCount(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  let pieces = 1;
  for (let at = nextPiece(a, aStart, aEnd, b, bStart, bEnd); at >= 0; at = nextPiece(a, at, aEnd, b, bStart, bEnd))
    pieces++;
  return pieces;
}

/** Where the piece after the next separator starts, or −1. */
export function nextPiece(
  a: Uint8Array,
  start: number,
  end: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const width = bEnd - bStart;
  if (width === 0) return -1;
  for (let at = start; at + width <= end; at++) {
    let same = 0;
    while (same < width && a[at + same] === b[bStart + same]) same++;
    if (same === width) return at + width;
  }
  return -1;
}

/** Piece `index` from 0, or from the end when negative; OUT[2] = 1 where there are fewer. */
export function pieceAt(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
  index: number,
): Uint8Array {
  const pieces = pieceCount(a, aStart, aEnd, b, bStart, bEnd);
  const from = index < 0 ? pieces + index : index;
  const missing = from < 0 || from >= pieces ? 1 : 0;
  const piece = splitPartText(a, aStart, aEnd, b, bStart, bEnd, missing === 1 ? 0 : from);
  OUT[2] = missing;
  return piece;
}
