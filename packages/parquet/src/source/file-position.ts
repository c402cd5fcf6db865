import type { SplitPosition } from '@sabot/stream/ports';
import { parquetErrors } from '../errors.js';
import type { StoredRowGroup } from '../file/decoder-protocol.js';
import type { FileFingerprint } from '../file/file-check.js';
import type { ParquetFile } from '../file/parquet-file.js';

/** Which file stands at a path. */
export interface ParquetFileContents extends FileFingerprint {
  readonly path: string;
  readonly fileRows: number;
}

/** A place in a file, and which file it is a place of. */
export interface FilePosition extends FileFingerprint {
  /** Rows of the file that were taken. */
  readonly row: number;
  readonly fileRows: number;
}

/** Where reading begins. */
export interface Start {
  readonly rowGroup: number;
  /** Counted from the row group's first. */
  readonly row: number;
  /** The same place counted from the file's first. */
  readonly fileRow: number;
}

export function contentsOf({ path, fingerprint, rowGroups }: ParquetFile): ParquetFileContents {
  return { path, ...fingerprint, fileRows: rowGroups.reduce((sum, { rows }) => sum + rows, 0) };
}

/** The place of a checkpoint's position; undefined: the beginning. Fails with `POSITION_INVALID` for one of another file. */
export function startOf(file: ParquetFile, position: SplitPosition | undefined): Start {
  if (position === undefined) return { rowGroup: 0, row: 0, fileRow: 0 };
  const stored = contentsOf(file);
  const { row: fileRow } = position;
  if (
    typeof fileRow !== 'number' ||
    !Number.isSafeInteger(fileRow) ||
    fileRow < 0 ||
    fileRow > stored.fileRows ||
    position['fileRows'] !== stored.fileRows ||
    position['fileBytes'] !== stored.fileBytes ||
    position['footerCrc32'] !== stored.footerCrc32
  ) {
    throw anotherFile(stored, position);
  }
  let row = fileRow;
  let rowGroup = 0;
  for (; rowGroup < file.rowGroups.length; rowGroup++) {
    const { rows } = file.rowGroups[rowGroup] as StoredRowGroup;
    if (row < rows) break;
    row -= rows;
  }
  return { rowGroup, row, fileRow };
}

function anotherFile(stored: ParquetFileContents, position: SplitPosition) {
  return parquetErrors.error('POSITION_INVALID', {
    what: `cannot go on in "${stored.path}" after row ${position['row']}`,
    why: `the checkpoint was made with ${described(position)}, and there is ${described({ ...stored })} now`,
  });
}

function described(file: SplitPosition): string {
  const crc = file['footerCrc32'];
  const footer = typeof crc === 'number' ? crc.toString(16).padStart(8, '0') : crc;
  return `a file of ${file['fileRows']} rows and ${file['fileBytes']} bytes (footer ${footer})`;
}
