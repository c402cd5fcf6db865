import type { Column } from '../../batch/column.js';
import { errors } from '../../errors.js';
import type { DataType } from '../../schema/data-type.js';
import { describeType, sameTypeIgnoringNulls } from '../../schema/define-schema.js';

/** `SCHEMA_MISMATCH` unless the columns are of the types that a table's or an index's keys have. */
export function checkKeyTypes(columns: readonly Column[], keyTypes: readonly DataType[]): void {
  const fits =
    columns.length === keyTypes.length &&
    columns.every((column, i) => areSameKeys(column.type, keyTypes[i] as DataType));
  if (fits) return;
  throw errors.error('SCHEMA_MISMATCH', {
    what: `cannot group by (${columns.map((column) => describeType(column.type)).join(', ')})`,
    why: `the table's keys are (${keyTypes.map(describeType).join(', ')})`,
  });
}

/** Strings are the same keys whether they are encoded or not. */
function areSameKeys(a: DataType, b: DataType): boolean {
  const isText = (type: DataType): boolean => type.kind === 'utf8' || type.kind === 'dictionary';
  return (isText(a) && isText(b)) || sameTypeIgnoringNulls(a, b);
}
