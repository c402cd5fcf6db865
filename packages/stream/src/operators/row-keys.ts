import { type Batch, type Column, type Fields, type RowOf, type Schema, unitsPerMs } from '@sabot/columnar';
import { createKeyWriter, decodeKey, type KeyPart, type KeyWriter } from '@sabot/state';
import { streamErrors } from '../errors.js';

/** The key columns of one row after another as state key bytes; nothing is allocated per row. */
export interface RowKeys {
  /** The current key is the first `length` bytes of it; replaced when it grows. */
  readonly buffer: Uint8Array;
  readonly length: number;
  open(batch: Batch): void;
  /** Writes the key of a row of the open batch. */
  select(row: number): void;
}

type PartWriter = (column: Column, row: number, writer: KeyWriter) => void;

/**
 * Key bytes of these columns: order-preserving, composite, null is a key like any other; a dictionary column gives the
 * same bytes as the text it stands for. Fails with `SABOT_STREAM_PLAN_INVALID` for columns that cannot be keys.
 */
export function createRowKeys(schema: Schema, columns: readonly string[]): RowKeys {
  const writer = createKeyWriter();
  const parts = columns.map((name) => partWriter(schema, name));
  let open: readonly Column[] = [];
  return {
    get buffer() {
      return writer.buffer;
    },
    get length() {
      return writer.length;
    },
    open(batch) {
      open = columns.map((name) => batch.column(name));
    },
    select(row) {
      writer.reset();
      for (let part = 0; part < parts.length; part++) {
        const column = open[part] as Column;
        if (isNull(column, row)) writer.null();
        else (parts[part] as PartWriter)(column, row, writer);
      }
    },
  };
}

function isNull({ nullCount, validity, bitOffset }: Column, row: number): boolean {
  if (nullCount === 0 || validity === null) return false;
  const bit = bitOffset + row;
  return (((validity[bit >> 3] as number) >> (bit & 7)) & 1) === 0;
}

function partWriter(schema: Schema, name: string): PartWriter {
  const type = schema.fields[name];
  switch (type?.kind) {
    case 'utf8':
      return textPart;
    case 'dictionary':
      return (column, row, writer) => textPart(column.children[0] as Column, column.values[row] as number, writer);
    case 'int8':
    case 'int16':
    case 'int32':
    case 'uint8':
    case 'uint16':
    case 'uint32':
      return (column, row, writer) => void writer.int64(column.values[row] as number);
    case 'int64':
    case 'timestamp':
    case 'duration':
      return (column, row, writer) =>
        void writer.int64Words(column.values[2 * row] as number, column.values[2 * row + 1] as number);
    case 'float32':
    case 'float64':
      return (column, row, writer) => void writer.float64(column.values[row] as number);
    case 'bool':
      return (column, row, writer) => void writer.bool(bitAt(column, row));
    default:
      throw streamErrors.error('PLAN_INVALID', {
        what: `cannot key by column "${name}"`,
        why: type === undefined ? 'the stream has no such column' : `columns of type ${type.kind} cannot be keys`,
        remedy: `Key by one of: ${schema.names.join(', ')}.`,
      });
  }
}

function textPart(column: Column, row: number, writer: KeyWriter): void {
  const offsets = column.offsets as Int32Array;
  // Text columns hold their bytes as Uint8Array.
  writer.utf8Bytes(column.values as Uint8Array, offsets[row] as number, offsets[row + 1] as number);
}

function bitAt(column: Column, row: number): boolean {
  const bit = column.bitOffset + row;
  return (((column.values[bit >> 3] as number) >> (bit & 7)) & 1) === 1;
}

/** The surface values of the key columns, read back from key bytes: for timers, which keep no row. */
export function decodeRowKey(schema: Schema, columns: readonly string[], bytes: Uint8Array): RowOf<Fields> {
  const parts = decodeKey(bytes);
  return Object.fromEntries(columns.map((name, index) => [name, surfaceValue(schema, name, parts[index] as KeyPart)]));
}

function surfaceValue(schema: Schema, name: string, part: KeyPart): RowOf<Fields>[string] {
  if (part.value === null) return null;
  const type = schema.fields[name];
  switch (type?.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'uint8':
    case 'uint16':
    case 'uint32':
      return Number(part.value);
    case 'timestamp':
    case 'duration':
      return Number(part.value) / unitsPerMs(type.unit);
    default:
      return part.value;
  }
}
