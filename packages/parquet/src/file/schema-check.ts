import { type Batch, createBatch, type DataType, describeType, nullable, type Schema, sameType } from '@sabot/columnar';
import { parquetErrors } from '../errors.js';

/** Fails with `COLUMN_MISSING` or `TYPE_MISMATCH` unless the file has every declared column with its type. */
export function checkSchema(path: string, declared: Schema, stored: Schema): void {
  for (const name of declared.names) {
    const actual = stored.fields[name];
    if (actual === undefined) throw columnMissing(path, name, stored.names);
    const wanted = declared.fields[name] as DataType;
    // Files mark columns as nullable that hold no null: nulls are looked for in the rows.
    if (!sameType(nullable(wanted), nullable(actual))) throw typeMismatch(path, name, wanted, actual);
  }
}

/** The stored batch under the declared schema; fails with `UNEXPECTED_NULL`. */
export function conform(path: string, rowGroup: number, declared: Schema, stored: Batch): Batch {
  const columns = declared.names.map((name) => {
    const column = stored.column(name);
    if (column.nullCount === 0 || declared.fields[name]?.nullable === true) return column;
    throw parquetErrors.error('UNEXPECTED_NULL', {
      what: `cannot read column "${name}" of "${path}"`,
      why: `row group ${rowGroup} holds nulls in it, and it is declared as ${describeType(declared.fields[name] as DataType)}`,
      remedy: `Declare it as nullable(${describeType(declared.fields[name] as DataType)}).`,
    });
  });
  return createBatch(declared, columns, stored.numRows);
}

function typeMismatch(path: string, name: string, wanted: DataType, actual: DataType) {
  return parquetErrors.error('TYPE_MISMATCH', {
    what: `cannot read column "${name}" of "${path}" as ${describeType(wanted)}`,
    why: `the file has it as ${describeType(actual)}`,
  });
}

function columnMissing(path: string, name: string, known: readonly string[]) {
  const nearest = nearestOf(name, known);
  const hint = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
  return parquetErrors.error('COLUMN_MISSING', {
    what: `cannot read column "${name}" of "${path}"`,
    why: `the file has ${known.map((other) => `"${other}"`).join(', ')}${hint}`,
  });
}

/** The known name that needs the fewest edits, if at most a third of the letters are edited. */
export function nearestOf(name: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let fewest = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const other of known) {
    const edits = name.toLowerCase() === other.toLowerCase() ? 0 : editDistance(name, other);
    if (edits >= fewest) continue;
    fewest = edits;
    nearest = other;
  }
  return nearest;
}

/** Insertions, deletions and replacements between two words (Levenshtein). */
function editDistance(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (before[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (before[j] as number) + 1, (row[j - 1] as number) + 1));
    }
    before = row;
  }
  return before[b.length] as number;
}
