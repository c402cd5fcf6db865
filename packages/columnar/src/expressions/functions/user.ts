import { integerRange } from '../../batch/surface-write.js';
import { errors } from '../../errors.js';
import type { DataType } from '../../schema/data-type.js';
import { describeType } from '../../schema/define-schema.js';
import { withNullability } from '../../schema/types.js';
import { msOf } from '../lowering/instants.js';
import type { Lowering } from '../lowering/lowering.js';
import type { Register } from '../lowering/operations.js';
import { shapeOf, type Value } from '../lowering/value.js';
import { isNumeric } from '../numeric-types.js';
import type { FunctionDefinition } from './function-definition.js';

/** A function of the user's on values: numbers (64-bit integers as floats), bools and strings. */
export interface UserFunction {
  readonly name: string;
  readonly returns: DataType;
  readonly fn: (...args: never[]) => unknown;
}

// Process-wide, so that the two module formats of one process see the same functions.
const registryKey = Symbol.for('sabot.columnar.userFunctions');
const holder = globalThis as { [registryKey]?: Map<string, UserFunction> };

function registry(): Map<string, UserFunction> {
  holder[registryKey] ??= new Map();
  return holder[registryKey];
}

/** Makes a function known under its name; the last one registered counts. */
export function registerUserFunction(definition: UserFunction): void {
  const { returns } = definition;
  if (
    shapeOf(returns) !== 'text' &&
    returns.kind !== 'bool' &&
    !(isNumeric(returns) && shapeOf(returns) === 'number')
  ) {
    throw errors.error('EXPRESSION_INVALID', {
      what: `the function "${definition.name}" cannot return ${describeType(returns)}`,
      why: 'functions return numbers of at most 32 bits, floats, bools or strings',
    });
  }
  registry().set(definition.name, definition);
}

function isArgument(type: DataType): boolean {
  if ('unit' in type || type.kind === 'decimal128') return true;
  return isNumeric(type) || type.kind === 'bool' || (shapeOf(type) === 'text' && type.kind !== 'binary');
}

function argument(l: Lowering, value: Value): Register {
  if (isNumeric(value.type)) return l.toNumber(value);
  if ('unit' in value.type) return msOf(l, value);
  if (value.type.kind === 'decimal128') {
    const scale = l.builder.constant(value.type.scale);
    return l.builder.operation('decodeText', ...l.builder.operations('quadText', ...value.parts, scale));
  }
  if (value.type.kind === 'bool') return l.builder.not(l.builder.not(value.parts[0] as Register));
  return l.builder.operation('decodeText', ...value.parts);
}

/** What a function returned, as a value; null and undefined are null. */
function userResult(l: Lowering, known: UserFunction, type: DataType, returned: Register): Value {
  const { builder } = l;
  const isNull = builder.operation('isMissing', returned);
  if (shapeOf(type) === 'text') return { type, isNull, parts: builder.operations('textOf', returned) };
  const number = builder.operation('numberOf', returned);
  if (type.kind === 'bool') return { type, isNull, parts: [builder.not(builder.not(number))] };
  const range = integerRange(type.kind);
  if (range === null) return { type, isNull, parts: [number] };
  const bad = builder.operation('isOutside', number, builder.constant(range[0]), builder.constant(range[1]));
  l.failIf(bad, isNull, () =>
    errors.error('CAST_INVALID', {
      what: `the function "${known.name}" returned a value outside of ${describeType(type)}`,
      why: 'it was declared to return that type',
      remedy: 'Return a value of the declared type, or null.',
    }),
  );
  return { type, isNull, parts: [builder.operation('trunc', number)] };
}

export const userFunctions = {
  user: {
    takes: 'numbers, decimals, times, bools and strings, and the name of a registered function',
    costly: true,
    resultType: (args, [name]) => {
      const known = registry().get(name as string);
      return known === undefined || !args.every(isArgument) ? null : withNullability(known.returns, true);
    },
    // The function is not called for rows where an argument is null; the result is then null.
    lower: (l, args, type, [name]) => {
      const known = registry().get(name as string) as UserFunction;
      const isNull = l.anyNull(args);
      return l.choose(type, (assign) => {
        l.builder.branch(l.builder.not(isNull), () => {
          const inputs = args.map((arg) => argument(l, arg));
          assign(userResult(l, known, type, l.builder.user(l.builder.object(known.fn), inputs)));
        });
      });
    },
  },
} satisfies Record<string, FunctionDefinition>;
