import type { DataType } from '../../schema/data-type.js';
import { bool, withNullability } from '../../schema/types.js';
import type { Lowering } from '../lowering/lowering.js';
import type { Register } from '../lowering/operations.js';
import type { Value } from '../lowering/value.js';
import { anyNullable, type FunctionDefinition } from './function-definition.js';

const isBool = (type: DataType | undefined): boolean => type?.kind === 'bool';

/** True where the value is true, not null. */
export function isTrue(l: Lowering, value: Value): Register {
  return l.builder.and(l.builder.not(value.isNull), value.parts[0] as Register);
}

/** True where the value is false, not null. */
function isFalse(l: Lowering, value: Value): Register {
  return l.builder.and(l.builder.not(value.isNull), l.builder.not(value.parts[0] as Register));
}

/** SQL's three-valued `and`: false if either is false, else null if either is null. */
export function lowerAnd(l: Lowering, a: Value, b: Value, type: DataType): Value {
  const { builder } = l;
  const holds = builder.and(isTrue(l, a), isTrue(l, b));
  const someNull = l.anyNull([a, b]);
  if (builder.isFalse(someNull)) return { type, isNull: someNull, parts: [holds] };
  const fails = builder.or(isFalse(l, a), isFalse(l, b));
  return { type, isNull: builder.and(someNull, builder.not(fails)), parts: [holds] };
}

/** SQL's three-valued `or`: true if either is true, else null if either is null. */
export function lowerOr(l: Lowering, a: Value, b: Value, type: DataType): Value {
  const { builder } = l;
  const holds = builder.or(isTrue(l, a), isTrue(l, b));
  const someNull = l.anyNull([a, b]);
  return { type, isNull: builder.and(someNull, builder.not(holds)), parts: [holds] };
}

function junction(
  infix: string,
  lower: (l: Lowering, a: Value, b: Value, type: DataType) => Value,
): FunctionDefinition {
  return {
    infix,
    takes: 'two bools',
    resultType: (args) => (args.length === 2 && args.every(isBool) ? withNullability(bool(), anyNullable(args)) : null),
    lower: (l, [a, b], type) => lower(l, a as Value, b as Value, type),
  };
}

export const logicFunctions = {
  and: junction('and', lowerAnd),
  or: junction('or', lowerOr),
  not: {
    takes: 'a bool',
    resultType: ([arg]) => (isBool(arg) ? (arg as DataType) : null),
    lower: (l, [arg]) => ({ ...(arg as Value), parts: [l.builder.not((arg as Value).parts[0] as Register)] }),
  },
} satisfies Record<string, FunctionDefinition>;
