import { type Batch, type Column, columnValue, type DataType, describeType, type Fields } from '@sabot/columnar';
import { streamErrors } from '../errors.js';
import type { Sink } from '../ports/sink.js';
import { type FileFormat, fileSink } from './file-sink.js';

export interface CsvFileSinkOptions {
  /** One character between cells; default `,`. */
  readonly delimiter?: string;
  /** Whether the first line names the columns; default true. */
  readonly header?: boolean;
}

const NOTHING = new Uint8Array(0);
const UNFIT: readonly DataType['kind'][] = ['binary', 'list', 'struct', 'time', 'duration'];

/**
 * Appends rows to a CSV file (RFC 4180, UTF-8, a line feed behind each), exactly once. Null is the empty cell and the
 * empty text `""`; instants are ISO 8601 in UTC.
 *
 * Errors: `OPTION_INVALID` for a delimiter that is not one character; `SCHEMA_MISMATCH`, when it is opened, for columns of
 * types that text cells cannot carry.
 */
export function csvFileSink<F extends Fields>(path: string, options: CsvFileSinkOptions = {}): Sink<F> {
  const { delimiter = ',', header = true } = options;
  if (delimiter.length !== 1 || /["\r\n]/.test(delimiter)) {
    throw streamErrors.error('OPTION_INVALID', {
      what: `cannot use ${JSON.stringify(delimiter)} as a delimiter`,
      why: 'it must be one character other than a quote or the end of a line',
    });
  }
  const isPlain = (text: string) => text !== '' && !text.includes(delimiter) && !/["\r\n]/.test(text);
  const quoted = (text: string) => (isPlain(text) ? text : `"${text.replaceAll('"', '""')}"`);
  const encoder = new TextEncoder();
  const format: FileFormat = {
    head(schema) {
      for (const name of schema.names) assertFits(path, name, schema.fields[name] as DataType);
      return header ? encoder.encode(`${schema.names.map(quoted).join(delimiter)}\n`) : NOTHING;
    },
    encode: (batch) => encoder.encode(lines(batch, delimiter, quoted)),
    tail: NOTHING,
  };
  return fileSink(`csv file ${path}`, path, format);
}

function lines(batch: Batch, delimiter: string, quoted: (text: string) => string): string {
  let text = '';
  for (let row = 0; row < batch.numRows; row++) {
    text += `${batch.columns.map((column) => cell(column, row, quoted)).join(delimiter)}\n`;
  }
  return text;
}

function cell(column: Column, row: number, quoted: (text: string) => string): string {
  const value: unknown = columnValue(column, row);
  if (value === null) return '';
  const { kind } = column.type;
  if ((kind === 'timestamp' || kind === 'date') && typeof value === 'number') return instant(value);
  return quoted(String(value));
}

/** Beyond what a Date holds, the number of milliseconds. */
function instant(valueMs: number): string {
  const date = new Date(valueMs);
  return Number.isNaN(date.getTime()) ? String(valueMs) : date.toISOString();
}

function assertFits(path: string, name: string, type: DataType): void {
  if (!UNFIT.includes(type.kind)) return;
  throw streamErrors.error('SCHEMA_MISMATCH', {
    what: `cannot write column "${name}" of type ${describeType(type)} to ${path}`,
    why: 'text cells have no agreed form for this type',
    remedy: 'Leave the column out with select, write it as text, or write NDJSON or Arrow.',
  });
}
