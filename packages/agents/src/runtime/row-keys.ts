import { type Batch, type Column, columnValue, isValid } from '@sabot/columnar';
import { createKeyWriter, type KeyWriter } from '@sabot/state';

/** The state keys of a batch's rows, written into one buffer. */
export interface RowKeys {
  readonly buffer: Uint8Array;
  readonly length: number;
  /** Reads these columns from now on. */
  open(columns: readonly Column[]): void;
  /** Writes the key of a row into the buffer. */
  select(row: number): void;
}

type PartWriter = (keys: KeyWriter, column: Column, row: number) => void;

class ColumnRowKeys implements RowKeys {
  private readonly keys = createKeyWriter();
  private columns: readonly Column[] = [];
  private writers: readonly PartWriter[] = [];

  get buffer(): Uint8Array {
    return this.keys.buffer;
  }

  get length(): number {
    return this.keys.length;
  }

  open(columns: readonly Column[]): void {
    this.columns = columns;
    this.writers = columns.map(partWriter);
  }

  select(row: number): void {
    const { keys, columns, writers } = this;
    keys.reset();
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i] as Column;
      if (isValid(column, row)) (writers[i] as PartWriter)(keys, column, row);
      else keys.null();
    }
  }
}

/** Strings of a dictionary equal plain strings; whole numbers of all widths equal each other. */
function partWriter(column: Column): PartWriter {
  switch (column.type.kind) {
    case 'utf8':
    case 'binary':
      return textPart;
    case 'dictionary':
      return dictionaryPart;
    case 'int64':
    case 'uint64':
      return widePart;
    case 'timestamp':
      return (keys, own, row) => void keys.timestamp(columnValue(own, row) as number);
    case 'float32':
    case 'float64':
      return (keys, own, row) => void keys.float64(own.values[row] as number);
    case 'bool':
      return (keys, own, row) => void keys.bool(columnValue(own, row) as boolean);
    case 'int8':
    case 'int16':
    case 'int32':
    case 'uint8':
    case 'uint16':
    case 'uint32':
      return (keys, own, row) => void keys.int64(own.values[row] as number);
    default:
      // Dates, times and decimals as the text of their surface value: exact, and rare as keys.
      return (keys, own, row) => void keys.utf8(JSON.stringify(columnValue(own, row)));
  }
}

const textPart: PartWriter = (keys, column, row) => {
  const offsets = column.offsets as Int32Array;
  keys.utf8Bytes(column.values as Uint8Array, offsets[row], offsets[row + 1]);
};

const dictionaryPart: PartWriter = (keys, column, row) => {
  textPart(keys, column.children[0] as Column, column.values[row] as number);
};

const widePart: PartWriter = (keys, column, row) => {
  keys.int64Words(column.values[row * 2] as number, column.values[row * 2 + 1] as number);
};

export function createRowKeys(): RowKeys {
  return new ColumnRowKeys();
}

/** The key columns of a batch, by name. */
export function keyColumnsOf(batch: Batch, names: readonly string[]): readonly Column[] {
  return names.map((name) => batch.column(name));
}
