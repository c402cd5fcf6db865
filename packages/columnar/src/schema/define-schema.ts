import { errors } from '../errors.js';
import type { DataType } from './data-type.js';
import type { Fields, Schema } from './schema.js';

/**
 * A schema with the given columns, in the order in which they are written.
 *
 * Metadata is string pairs that travel through Arrow IPC.
 * Errors: `SCHEMA_INVALID` for a name that is empty or a whole number (JavaScript would reorder those).
 *
 * @example
 * const flights = defineSchema({ origin: utf8(), delay: nullable(int64()), at: timestamp('us') });
 */
export function defineSchema<const F extends Fields>(
  fields: F,
  metadata: Readonly<Record<string, string>> | ReadonlyMap<string, string> = {},
): Schema<F> {
  const names = Object.keys(fields);
  for (const name of names) checkName(name);
  const pairs = metadata instanceof Map ? metadata : new Map(Object.entries(metadata as Record<string, string>));
  return { fields, names, metadata: pairs };
}

function checkName(name: string): void {
  const why =
    name === ''
      ? 'a column name cannot be empty'
      : /^(0|[1-9]\d*)$/.test(name)
        ? 'JavaScript objects do not keep whole-number names in order'
        : name === '__proto__'
          ? 'JavaScript objects treat this name specially'
          : null;
  if (why !== null) {
    throw errors.error('SCHEMA_INVALID', { what: `cannot name a column ${JSON.stringify(name)}`, why });
  }
}

/** The type of a column; `COLUMN_UNKNOWN` names the columns there are. */
export function fieldType(schema: Schema, name: string): DataType {
  if (!Object.hasOwn(schema.fields, name)) throw unknownColumn(schema, name);
  return schema.fields[name] as DataType;
}

/** The error for a column that a schema does not have, with the nearest name if one is near. */
export function unknownColumn(schema: Schema, name: string): Error {
  const near = schema.names.find((known) => known.toLowerCase() === name.toLowerCase() || isNear(known, name));
  return errors.error('COLUMN_UNKNOWN', {
    what: `there is no column "${name}"`,
    why: `the columns are ${schema.names.map((known) => `"${known}"`).join(', ')}`,
    ...(near === undefined ? {} : { remedy: `Did you mean "${near}"?` }),
  });
}

/** Whether one insertion, deletion or replacement (or a swap of neighbours) turns one name into the other. */
function isNear(known: string, name: string): boolean {
  if (Math.abs(known.length - name.length) > 1) return false;
  let start = 0;
  while (start < known.length && known[start] === name[start]) start++;
  const rest = (text: string, skip: number): string => text.slice(start + skip);
  const swapped = known[start] === name[start + 1] && known[start + 1] === name[start];
  return (
    rest(known, 1) === rest(name, 1) ||
    rest(known, 0) === rest(name, 1) ||
    rest(known, 1) === rest(name, 0) ||
    (swapped && rest(known, 2) === rest(name, 2))
  );
}

/** A type as text: `int64`, `utf8?` (nullable), `timestamp(us, UTC)`, `list<utf8?>`. */
export function describeType(type: DataType): string {
  return describeBare(type) + (type.nullable ? '?' : '');
}

function describeBare(type: DataType): string {
  switch (type.kind) {
    case 'timestamp':
      return type.timezone === null ? `timestamp(${type.unit})` : `timestamp(${type.unit}, ${type.timezone})`;
    case 'date':
    case 'time':
    case 'duration':
      return `${type.kind}(${type.unit})`;
    case 'decimal128':
      return `decimal128(${type.precision}, ${type.scale})`;
    case 'list':
      return `list<${describeType(type.item)}>`;
    case 'struct':
      return `struct<${describeFields(type.fields)}>`;
    default:
      return type.kind;
  }
}

function describeFields(fields: Fields): string {
  return Object.entries(fields)
    .map(([name, type]) => `${name}: ${describeType(type)}`)
    .join(', ');
}

/** A schema on one line: `origin: utf8, delay: int64?`. */
export function describeSchema(schema: Schema): string {
  return describeFields(schema.fields);
}

/** Whether two types are the same, parameters and nullability included. */
export function sameType(a: DataType, b: DataType): boolean {
  return a === b || describeType(a) === describeType(b);
}

/** Whether two types differ at most in nullability of the outermost level. */
export function sameTypeIgnoringNulls(a: DataType, b: DataType): boolean {
  return a === b || describeBare(a) === describeBare(b);
}

/** Whether two schemas have the same columns in the same order with the same types; metadata is not compared. */
export function sameSchema(a: Schema, b: Schema): boolean {
  if (a === b || a.fields === b.fields) return true;
  if (a.names.length !== b.names.length) return false;
  return a.names.every((name, i) => b.names[i] === name && sameType(fieldType(a, name), fieldType(b, name)));
}
