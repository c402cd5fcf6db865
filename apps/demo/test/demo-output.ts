import { readFileSync } from 'node:fs';
import { tableFromIPC } from 'apache-arrow';

/** The rows of an Arrow file, read with Arrow's own library rather than with ours; times as epoch milliseconds. */
export function readRows(file: string): readonly Readonly<Record<string, unknown>>[] {
  const table = tableFromIPC(readFileSync(file));
  const columns = table.schema.fields.map(({ name }) => ({ name, values: table.getChild(name) }));
  return Array.from({ length: table.numRows }, (_, row) =>
    Object.fromEntries(columns.map(({ name, values }) => [name, values?.get(row)])),
  );
}
