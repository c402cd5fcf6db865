/** Rows that have a group: their groups, and their positions (null: all have one). */
export interface MappedRows {
  readonly groups: Int32Array;
  readonly selection: Int32Array | null;
}

/** Leaves out the rows whose group is −1: what a merge does not take over. */
export function mappedRows(groups: Int32Array, numRows: number): MappedRows {
  let mapped = 0;
  for (let row = 0; row < numRows; row++) if ((groups[row] as number) >= 0) mapped++;
  if (mapped === numRows) return { groups, selection: null };
  const kept = new Int32Array(mapped);
  const selection = new Int32Array(mapped);
  for (let row = 0, i = 0; row < numRows; row++) {
    if ((groups[row] as number) < 0) continue;
    kept[i] = groups[row] as number;
    selection[i++] = row;
  }
  return { groups: kept, selection };
}
