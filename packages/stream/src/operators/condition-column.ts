import type { Column } from '@sabot/columnar';

/** Whether a condition holds for a row: null is not true. */
export function isTrue({ values, validity, bitOffset }: Column, row: number): boolean {
  const bit = bitOffset + row;
  const mask = 1 << (bit & 7);
  return (
    ((values[bit >> 3] as number) & mask) !== 0 && (validity === null || ((validity[bit >> 3] as number) & mask) !== 0)
  );
}
