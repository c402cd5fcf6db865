import { type Batch, type Column, columnValue, type DataType } from '@sabot/columnar';
import { CHANGE_COLUMN, changeLabel } from '../changelog/change-kind.js';

/** The rows of a batch as JSON objects, one per line; of a changelog, `$change` is `+I`, `-U`, `+U` or `-D`. */
export function jsonLines(batch: Batch): string {
  const changes = batch.schema.names.indexOf(CHANGE_COLUMN);
  const names = batch.schema.names.map((name) => JSON.stringify(name));
  let text = '';
  for (let row = 0; row < batch.numRows; row++) {
    const cells = batch.columns.map((column, index) => {
      const text = index === changes ? `"${changeLabel(column.values[row] as number)}"` : cell(column, row);
      return `${names[index]}:${text}`;
    });
    text += `{${cells.join(',')}}\n`;
  }
  return text;
}

function cell(column: Column, row: number): string {
  return jsonOf(column.type, columnValue(column, row));
}

function jsonOf(type: DataType, value: unknown): string {
  if (value === null) return 'null';
  // JSON has integers of any size; JavaScript's serialiser has not.
  if (typeof value === 'bigint') return value.toString();
  if (type.kind === 'timestamp' && typeof value === 'number') return instant(value);
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'));
  return JSON.stringify(value, (_key, nested: unknown) => (typeof nested === 'bigint' ? nested.toString() : nested));
}

/** Beyond what a Date holds, the number of milliseconds. */
function instant(valueMs: number): string {
  const date = new Date(valueMs);
  return Number.isNaN(date.getTime()) ? String(valueMs) : `"${date.toISOString()}"`;
}
