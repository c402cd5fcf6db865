import type { Column, ColumnValues } from '../batch/column.js';
import { makeColumn } from '../batch/make-column.js';
import { takeColumn } from '../kernels/take.js';
import { layoutOf } from '../schema/layout.js';
import { utf8 } from '../schema/types.js';
import { checkDictionaryCodes, checkOffsets, checkText, narrowOffsets } from './column-checks.js';
import { BufferDecompressor } from './compression/body-compression.js';
import type { FlatTable } from './flat-reader.js';
import { malformed } from './malformed.js';
import type { ReadBudget } from './read-budget.js';
import type { StoredField } from './schema-reader.js';
import { joinViews } from './string-views.js';

const MAX_ROWS = 2 ** 31 - 1;

/** The words of every dictionary read so far, by id. */
export type Dictionaries = ReadonlyMap<string, Column>;

/** Reads columns out of a message body, depth first, checking every length, offset, code and string. */
export class RecordReader {
  readonly numRows: number;
  private readonly nodes: readonly (readonly number[])[];
  private readonly buffers: readonly (readonly number[])[];
  private readonly body: Uint8Array;
  private readonly dictionaries: Dictionaries;
  private readonly budget: ReadBudget;
  private readonly decompressor: BufferDecompressor | null;
  /** How many buffers each column of views points into. */
  private readonly variadicCounts: readonly (readonly number[])[];
  private nextVariadic = 0;
  private nextNode = 0;
  private nextBuffer = 0;

  constructor(record: FlatTable, body: Uint8Array, dictionaries: Dictionaries, budget: ReadBudget) {
    this.numRows = record.size(0);
    if (this.numRows > MAX_ROWS) throw malformed('a record batch has more than 2^31 rows', { rows: this.numRows });
    this.nodes = record.longs(1, 16, [0, 8]);
    this.buffers = record.longs(2, 16, [0, 8]);
    this.variadicCounts = record.longs(4, 8, [0]);
    this.body = body;
    this.dictionaries = dictionaries;
    this.budget = budget;
    const compression = record.table(3);
    this.decompressor = compression === null ? null : new BufferDecompressor(compression, budget);
  }

  /** The columns of all fields; every top-level column must have the batch's rows. */
  columns(fields: readonly StoredField[]): Column[] {
    return fields.map((field) => this.column(field, this.numRows));
  }

  private column(field: StoredField, rows: number): Column {
    const [length, nullCount] = this.nodes[this.nextNode++] ?? [-1, 0];
    if (length !== rows) throw malformed(`column "${field.name}" has ${length} rows, not ${rows}`);
    const bits = this.take();
    const needed = (rows + 7) >> 3;
    if (nullCount !== 0 && bits.length < needed) throw malformed(`column "${field.name}" has too short a validity`);
    const validity = nullCount === 0 ? null : bits.subarray(0, needed);
    const column = field.dictionary === null ? this.plain(field, rows, validity) : this.encoded(field, rows, validity);
    if (column.nullCount > 0 && !field.type.nullable) throw malformed(`column "${field.name}" must not hold nulls`);
    return column;
  }

  private plain(field: StoredField, rows: number, validity: Uint8Array | null): Column {
    const { type } = field;
    const layout = layoutOf(type);
    switch (layout.shape) {
      case 'fixed': {
        const values = this.typed(field.name, layout.array, rows * layout.width);
        return makeColumn(type, rows, { values, validity });
      }
      case 'bits': {
        const values = this.take();
        if (values.length < (rows + 7) >> 3) throw tooShort(field.name);
        return makeColumn(type, rows, { values, validity });
      }
      case 'bytes': {
        if (field.view === true) return this.views(field, rows, validity);
        const stored = this.offsets(field, rows);
        const values = this.take();
        const offsets = stored ?? this.fixedOffsets(field, rows, values.length);
        checkOffsets(field.name, offsets, rows, values.length);
        if (type.kind === 'utf8') checkText(field.name, values, offsets, rows);
        return makeColumn(type, rows, { values, offsets, validity });
      }
      case 'list': {
        const stored = this.offsets(field, rows);
        const items = this.nodes[this.nextNode]?.[0] ?? 0;
        const offsets = stored ?? this.fixedOffsets(field, rows, items);
        checkOffsets(field.name, offsets, rows, items);
        const child = this.column(field.children[0] as StoredField, Math.min(items, MAX_ROWS));
        return makeColumn(type, rows, { offsets, validity, children: [child] });
      }
      case 'struct': {
        const children = field.children.map((child) => this.column(child, rows));
        return makeColumn(type, rows, { validity, children });
      }
      case 'codes':
        throw malformed(`column "${field.name}" is dictionary-encoded without a dictionary`);
    }
  }

  /** Views and the buffers that they point into as one run of bytes. */
  private views(field: StoredField, rows: number, validity: Uint8Array | null): Column {
    const views = this.typed(field.name, Int32Array, 4 * rows) as Int32Array;
    const count = this.variadicCounts[this.nextVariadic++]?.[0] ?? 0;
    const contents: Uint8Array[] = [];
    for (let i = 0; i < count; i++) contents.push(this.take());
    const { offsets, values } = joinViews(field.name, views, contents, rows, validity, this.budget);
    if (field.type.kind === 'utf8') checkText(field.name, values, offsets, rows);
    return makeColumn(field.type, rows, { values, offsets, validity });
  }

  private encoded(field: StoredField, rows: number, validity: Uint8Array | null): Column {
    const { id, index } = field.dictionary as NonNullable<StoredField['dictionary']>;
    const words = this.dictionaries.get(id);
    if (words === undefined) throw malformed(`column "${field.name}" uses dictionary ${id}, which was not sent`);
    const layout = layoutOf(index);
    if (layout.shape !== 'fixed') throw malformed(`column "${field.name}" has codes that are not integers`);
    const raw = this.typed(field.name, layout.array, rows * layout.width);
    this.budget.take(4 * rows);
    const values = checkDictionaryCodes(field.name, raw, layout.width, rows, validity, words);
    const nulls = codesValidity(values, rows);
    if (field.type.kind !== 'dictionary') {
      this.budget.take(writtenOutBytes(words, values, rows));
      return takeColumn(words, values, rows, field.type);
    }
    for (let row = 0; nulls !== null && row < rows; row++) if (values[row] === -1) values[row] = 0;
    return makeColumn(field.type, rows, { values, validity: nulls, children: [wordsWithoutNulls(words)] });
  }

  private offsets(field: StoredField, rows: number): Int32Array | null {
    if (field.fixedSize > 0) return null;
    // Writers may leave out the offsets of a column without rows.
    if (rows === 0) {
      this.take();
      return new Int32Array(1);
    }
    if (!field.large) return this.typed(field.name, Int32Array, rows + 1) as Int32Array;
    this.budget.take(4 * (rows + 1));
    return narrowOffsets(field.name, this.typed(field.name, Int32Array, 2 * (rows + 1)) as Int32Array, rows);
  }

  private fixedOffsets(field: StoredField, rows: number, available: number): Int32Array {
    if (rows * field.fixedSize > available) throw tooShort(field.name);
    this.budget.take(4 * (rows + 1));
    return Int32Array.from({ length: rows + 1 }, (_, row) => row * field.fixedSize);
  }

  private typed(
    name: string,
    array: { new (buffer: ArrayBuffer, at: number, length: number): ColumnValues; BYTES_PER_ELEMENT: number },
    length: number,
  ): ColumnValues {
    const bytes = this.take();
    const size = length * array.BYTES_PER_ELEMENT;
    if (bytes.length < size) throw tooShort(name);
    const aligned = bytes.byteOffset % array.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice(0, size);
    return new array(aligned.buffer as ArrayBuffer, aligned.byteOffset, length);
  }

  private take(): Uint8Array {
    const place = this.buffers[this.nextBuffer++];
    if (place === undefined) throw malformed('the record batch has fewer buffers than its columns need');
    const [offset, length] = place as [number, number];
    if (offset + length > this.body.length) throw malformed('a buffer lies outside its message');
    const stored = this.body.subarray(offset, offset + length);
    return this.decompressor === null ? stored : this.decompressor.read(stored);
  }
}

const withoutNulls = new WeakMap<Column, Column>();

/** The words under their plain type; one column for all batches that use them. */
function wordsWithoutNulls(words: Column): Column {
  let plain = withoutNulls.get(words);
  if (plain === undefined) {
    plain = { ...words, type: utf8(), nullCount: 0, validity: null };
    withoutNulls.set(words, plain);
  }
  return plain;
}

function tooShort(name: string): Error {
  return malformed(`column "${name}" has a buffer that is too short for its rows`);
}

/** Bytes of the rows that codes stand for. */
function writtenOutBytes(words: Column, codes: Int32Array, rows: number): number {
  const { offsets } = words;
  if (offsets === null) return 16 * rows;
  let bytes = 4 * rows;
  for (let row = 0; row < rows; row++) {
    const code = codes[row] as number;
    if (code >= 0) bytes += (offsets[code + 1] as number) - (offsets[code] as number);
  }
  return bytes;
}

/** Validity out of codes where −1 stands for null. */
function codesValidity(codes: Int32Array, rows: number): Uint8Array | null {
  const bits = new Uint8Array((rows + 7) >> 3);
  let valid = 0;
  for (let row = 0; row < rows; row++) {
    if (codes[row] === -1) continue;
    bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
    valid++;
  }
  return valid === rows ? null : bits;
}
