import type { Column } from '../../batch/column.js';
import type { OutputBuffer } from './output-buffers.js';

/**
 * One pass over the rows of a batch: fills outputs, writes the numbers of the rows that are kept to `selection`, and
 * returns how many there are. `columns` stand in the order of the program's slots.
 */
export type RunLoop = (
  numRows: number,
  columns: readonly Column[],
  outputs: readonly OutputBuffer[],
  selection: Int32Array,
) => number;
