import { errors } from '../../errors.js';
import type { DataType } from '../../schema/data-type.js';
import { bool, int32, utf8, withNullability } from '../../schema/types.js';
import type { OperationName, Register } from '../lowering/operations.js';
import type { Value } from '../lowering/value.js';
import type { LiteralValue } from '../node.js';
import { anyNullable, type FunctionDefinition } from './function-definition.js';

const isText = (type: DataType): boolean => type.kind === 'utf8' || type.kind === 'dictionary';
const areTexts = (args: readonly DataType[], count: number): boolean => args.length === count && args.every(isText);

/** A function of `count` strings; `result` is the bare type of what it gives. */
function ofTexts(count: number, result: DataType, operation: OperationName, extra: number[] = []): FunctionDefinition {
  return {
    takes: count === 1 ? 'a string' : `${count} strings`,
    costly: true,
    resultType: (args) => (areTexts(args, count) ? withNullability(result, anyNullable(args)) : null),
    lower: (l, args, type) => {
      const inputs = [...args.flatMap((arg) => arg.parts), ...extra.map((value) => l.builder.constant(value))];
      const parts = isText(result)
        ? l.builder.operations(operation, ...inputs)
        : [l.builder.operation(operation, ...inputs)];
      return l.strict(type, args, parts);
    },
  };
}

/** A function of one string and fixed whole numbers. */
function withNumbers(operation: OperationName, count: number): FunctionDefinition {
  return {
    takes: 'a string and whole numbers',
    costly: true,
    resultType: (args, options) => {
      const fits = areTexts(args, 1) && options.length === count && options.every((option) => Number.isInteger(option));
      return fits ? withNullability(utf8(), anyNullable(args)) : null;
    },
    lower: (l, args, type, options) => {
      const numbers = options.map((option) => l.builder.constant(option as number));
      return l.strict(type, args, l.builder.operations(operation, ...(args[0] as Value).parts, ...numbers));
    },
  };
}

const splitPart: FunctionDefinition = {
  takes: 'two strings and a whole number from 0',
  costly: true,
  resultType: (args, [index]) =>
    areTexts(args, 2) && Number.isInteger(index) && (index as number) >= 0
      ? withNullability(utf8(), anyNullable(args))
      : null,
  lower: (l, args, type, [index]) => {
    const inputs = [...args.flatMap((arg) => arg.parts), l.builder.constant(index as number)];
    return l.strict(type, args, l.builder.operations('splitPart', ...inputs));
  },
};

/** A test of one string against a fixed pattern. */
function pattern(
  operation: 'like' | 'matches',
  compile: (options: readonly LiteralValue[]) => unknown,
): FunctionDefinition {
  return {
    takes: 'a string and a pattern',
    costly: true,
    resultType: (args, options) => {
      if (!areTexts(args, 1) || typeof options[0] !== 'string') return null;
      compile(options);
      return withNullability(bool(), anyNullable(args));
    },
    lower: (l, args, type, options) => {
      const compiled = l.builder.object(compile(options));
      return l.strict(type, args, [l.builder.operation(operation, ...(args[0] as Value).parts, compiled)]);
    },
  };
}

/** Flags that keep state between rows are left out. */
function regularExpression([source, flags]: readonly LiteralValue[]): RegExp {
  try {
    return new RegExp(source as string, `${flags ?? ''}`.replace(/[gy]/g, ''));
  } catch (cause) {
    throw errors.error('EXPRESSION_INVALID', {
      what: `${JSON.stringify(source)} is no regular expression`,
      why: cause instanceof Error ? cause.message : 'it cannot be compiled',
      cause,
    });
  }
}

const capture: FunctionDefinition = {
  takes: 'a string, a pattern and the number of a group',
  costly: true,
  resultType: (args, [source, flags, group]) => {
    if (!areTexts(args, 1) || typeof source !== 'string' || !Number.isInteger(group)) return null;
    regularExpression([source, flags ?? null]);
    return withNullability(utf8(), anyNullable(args));
  },
  lower: (l, args, type, options) => {
    const compiled: Register = l.builder.object(regularExpression(options));
    const group = l.builder.constant(options[2] as number);
    return l.strict(type, args, l.builder.operations('capture', ...(args[0] as Value).parts, compiled, group));
  },
};

export const textFunctions = {
  length: ofTexts(1, int32(), 'textLength'),
  upper: ofTexts(1, utf8(), 'upper'),
  lower: ofTexts(1, utf8(), 'lower'),
  trim: ofTexts(1, utf8(), 'trim', [3]),
  trimStart: ofTexts(1, utf8(), 'trim', [1]),
  trimEnd: ofTexts(1, utf8(), 'trim', [2]),
  substring: withNumbers('substring', 2),
  contains: ofTexts(2, bool(), 'contains'),
  startsWith: ofTexts(2, bool(), 'startsWith'),
  endsWith: ofTexts(2, bool(), 'endsWith'),
  concat: ofTexts(2, utf8(), 'concat'),
  replace: ofTexts(3, utf8(), 'replace'),
  splitPart,
  like: pattern('like', ([source]) => new TextEncoder().encode(source as string)),
  matches: pattern('matches', regularExpression),
  capture,
} satisfies Record<string, FunctionDefinition>;
