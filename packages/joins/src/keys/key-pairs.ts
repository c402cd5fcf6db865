import { type DataType, describeType, nullable, type Schema, sameType } from '@sabot/columnar';
import { joinsErrors } from '../errors.js';

/** The columns that must be equal, side by side: `left[i]` against `right[i]`, as positions in their schemas. */
export interface KeyPairs {
  readonly left: readonly number[];
  readonly right: readonly number[];
}

/** A side of a join as messages name it. */
export interface NamedSchema {
  readonly label: string;
  readonly schema: Schema;
}

/**
 * Checks names and types of the pairs once, when the join is described.
 *
 * Errors: `KEY_INCOMPLETE` without any pair, `COLUMN_UNKNOWN`, `KEY_TYPE_MISMATCH`.
 */
export function pairKeys(
  left: NamedSchema,
  right: NamedSchema,
  pairs: readonly (readonly [left: string, right: string])[],
): KeyPairs {
  if (pairs.length === 0) {
    throw joinsErrors.error('KEY_INCOMPLETE', {
      what: `cannot join ${left.label} with ${right.label}`,
      why: '`on` names no column',
    });
  }
  for (const [l, r] of pairs) checkComparable(left, l, right, r);
  return {
    left: pairs.map(([name]) => positionOf(left, name)),
    right: pairs.map(([, name]) => positionOf(right, name)),
  };
}

/** The pairs that an `on` of two sides stands for: a name, names, or left names to right ones. */
export function namedPairs(on: unknown): readonly (readonly [string, string])[] {
  if (typeof on === 'string') return [[on, on]];
  if (Array.isArray(on)) return on.map((name: string) => [name, name] as const);
  return Object.entries(on as Readonly<Record<string, string>>);
}

/** The position of a column; `COLUMN_UNKNOWN` names the side and the columns it has. */
export function positionOf(side: NamedSchema, name: string): number {
  const position = side.schema.names.indexOf(name);
  if (position < 0) {
    throw joinsErrors.error('COLUMN_UNKNOWN', {
      what: `${side.label} has no column "${name}"`,
      why: `its columns are ${side.schema.names.map((known) => `"${known}"`).join(', ')}`,
    });
  }
  return position;
}

function checkComparable(left: NamedSchema, l: string, right: NamedSchema, r: string): void {
  const leftType = left.schema.fields[left.schema.names[positionOf(left, l)] as string] as DataType;
  const rightType = right.schema.fields[right.schema.names[positionOf(right, r)] as string] as DataType;
  const comparable = (isText(leftType) && isText(rightType)) || sameType(nullable(leftType), nullable(rightType));
  if (comparable) return;
  throw joinsErrors.error('KEY_TYPE_MISMATCH', {
    what: `cannot join "${l}" of ${left.label} with "${r}" of ${right.label}`,
    why: `"${l}" is ${describeType(leftType)} and "${r}" is ${describeType(rightType)}`,
  });
}

function isText(type: DataType): boolean {
  return type.kind === 'utf8' || type.kind === 'dictionary';
}
