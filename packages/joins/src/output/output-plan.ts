import { type Column, type DataType, defineSchema, nullable, type Schema } from '@sabot/columnar';
import { takeColumn } from '@sabot/columnar/kernels';
import { joinsErrors } from '../errors.js';
import { type NamedSchema, positionOf } from '../keys/key-pairs.js';

/** Which columns a join puts out, made once when it is described. */
export interface OutputPlan {
  readonly schema: Schema;
  readonly leftTypes: readonly DataType[];
  /** Positions in the second side's schema. */
  readonly rightColumns: readonly number[];
  readonly rightTypes: readonly DataType[];
}

export interface OutputPlanOptions {
  /** Columns of the second side, in output order. */
  readonly select: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
  /** Whether rows of that side may be missing. */
  readonly leftNullable: boolean;
  readonly rightNullable: boolean;
}

/** Errors: `COLUMN_UNKNOWN` for a chosen column that is not there, `COLUMN_COLLISION` for a name that is taken twice. */
export function planOutput(left: Schema, right: NamedSchema, options: OutputPlanOptions): OutputPlan {
  const typed = (schema: Schema, name: string, optional: boolean): DataType => {
    const type = schema.fields[name] as DataType;
    return optional ? nullable(type) : type;
  };
  const rightColumns = options.select.map((name) => positionOf(right, name));
  const leftTypes = left.names.map((name) => typed(left, name, options.leftNullable));
  const rightTypes = options.select.map((name) => typed(right.schema, name, options.rightNullable));
  const fields: Record<string, DataType> = {};
  left.names.forEach((name, i) => {
    fields[name] = leftTypes[i] as DataType;
  });
  options.select.forEach((name, i) => {
    fields[outputName(fields, left, name, right.label, options)] = rightTypes[i] as DataType;
  });
  return { schema: defineSchema(fields, left.metadata), leftTypes, rightColumns, rightTypes };
}

function outputName(
  taken: Readonly<Record<string, DataType>>,
  left: Schema,
  name: string,
  label: string,
  options: OutputPlanOptions,
): string {
  const prefixed = options.prefix + name;
  const chosen = Object.hasOwn(left.fields, prefixed) ? prefixed + options.suffix : prefixed;
  if (!Object.hasOwn(taken, chosen)) return chosen;
  throw joinsErrors.error('COLUMN_COLLISION', {
    what: `cannot put out "${name}" of ${label} as "${chosen}"`,
    why: 'another column of the output has that name',
  });
}

/** Gathers rows of columns, −1 standing for a missing row. */
export function gather(
  columns: readonly Column[],
  positions: readonly number[],
  types: readonly DataType[],
  rows: Int32Array,
  count: number,
): Column[] {
  return positions.map((position, i) => takeColumn(columns[position] as Column, rows, count, types[i] as DataType));
}
