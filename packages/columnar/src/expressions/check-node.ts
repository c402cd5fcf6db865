import { errors } from '../errors.js';
import type { DataType } from '../schema/data-type.js';
import * as types from '../schema/types.js';
import { literalOf } from './literals.js';
import type { ExprNode, LiteralValue } from './node.js';

const MAX_DEPTH = 500;
const MAX_NODES = 100_000;

type Parts = Readonly<Record<string, unknown>>;

/**
 * An expression out of JSON of unknown origin: new objects of exactly the known form, bounded in depth and size.
 * `EXPRESSION_INVALID` says what is wrong; whether columns and types fit is for `typeOfNode`.
 */
export function checkNode(value: unknown): ExprNode {
  return new NodeChecker().node(value, 0);
}

class NodeChecker {
  private nodes = 0;

  node(value: unknown, depth: number): ExprNode {
    if (depth > MAX_DEPTH) throw invalid(`it is nested more than ${MAX_DEPTH} deep`);
    if (++this.nodes > MAX_NODES) throw invalid(`it has more than ${MAX_NODES} parts`);
    const parts = partsOf(value, 'an expression');
    switch (parts['op']) {
      case 'column':
        return { op: 'column', name: textOf(parts['name'], 'the name of a column') };
      case 'literal':
        return this.literal(parts);
      case 'cast':
        return this.cast(parts, depth);
      case 'case':
        return this.branches(parts, depth);
      case 'call':
        return this.call(parts, depth);
      default:
        throw invalid(`${JSON.stringify(parts['op'])} is no kind of expression`);
    }
  }

  private literal(parts: Parts): ExprNode {
    const type = checkType(parts['type'], 0);
    const value = optionOf(parts['value']);
    if (value === null) return { op: 'literal', type, value };
    if (type.kind === 'binary') {
      if (typeof value !== 'string' || !/^([0-9a-f]{2})*$/.test(value)) throw invalid('bytes are hexadecimal digits');
      return { op: 'literal', type, value };
    }
    return { op: 'literal', type, value: checkedValue(value, type) };
  }

  private cast(parts: Parts, depth: number): ExprNode {
    const { onError } = parts;
    if (onError !== 'fail' && onError !== 'null') throw invalid('a cast fails or gives null');
    return { op: 'cast', arg: this.node(parts['arg'], depth + 1), to: checkType(parts['to'], 0), onError };
  }

  private branches(parts: Parts, depth: number): ExprNode {
    const branches = listOf(parts['branches'], 'the branches of a case').map((branch) => {
      const [when, then, ...more] = listOf(branch, 'a branch');
      if (more.length > 0) throw invalid('a branch has a condition and a value');
      return [this.node(when, depth + 1), this.node(then, depth + 1)] as const;
    });
    if (branches.length === 0) throw invalid('a case has at least one branch');
    const { otherwise } = parts;
    return { op: 'case', branches, otherwise: otherwise === null ? null : this.node(otherwise, depth + 1) };
  }

  private call(parts: Parts, depth: number): ExprNode {
    const name = textOf(parts['name'], 'the name of a function');
    const args = listOf(parts['args'], 'the arguments of a function').map((arg) => this.node(arg, depth + 1));
    if (parts['options'] === undefined) return { op: 'call', name, args };
    return { op: 'call', name, args, options: listOf(parts['options'], 'the options of a function').map(optionOf) };
  }
}

/** What JSON says of numbers that it has no form for. */
const SPECIAL: readonly unknown[] = ['NaN', 'Infinity', '-Infinity', '-0'];

function checkedValue(value: Exclude<LiteralValue, null>, type: DataType): LiteralValue {
  if (type.kind === 'float32' || type.kind === 'float64') {
    if (typeof value === 'number' || SPECIAL.includes(value)) return value;
  } else if ('unit' in type || type.kind === 'int64' || type.kind === 'uint64') {
    if (/^-?\d{1,20}$/.test(String(value)) && typeof value !== 'boolean' && inRange(value, type)) return value;
  } else return literalOf(value, type).value;
  throw invalid(`${JSON.stringify(value)} is no stored ${type.kind}`);
}

function inRange(value: string | number, type: DataType): boolean {
  const whole = BigInt(value);
  const wide = typeof value === 'string';
  const narrow = (type.kind === 'date' && type.unit === 'day') || (type.kind === 'time' && /^m?s$/.test(type.unit));
  if (narrow) return !wide && BigInt.asIntN(32, whole) === whole;
  return wide && (type.kind === 'uint64' ? BigInt.asUintN(64, whole) : BigInt.asIntN(64, whole)) === whole;
}

const PLAIN: Readonly<Record<string, () => DataType>> = {
  int8: types.int8,
  int16: types.int16,
  int32: types.int32,
  int64: types.int64,
  uint8: types.uint8,
  uint16: types.uint16,
  uint32: types.uint32,
  uint64: types.uint64,
  float32: types.float32,
  float64: types.float64,
  bool: types.bool,
  utf8: types.utf8,
  binary: types.binary,
  dictionary: types.dictionary,
};

function checkType(value: unknown, depth: number): DataType {
  if (depth > MAX_DEPTH) throw invalid(`a type is nested more than ${MAX_DEPTH} deep`);
  const parts = partsOf(value, 'a type');
  if (typeof parts['nullable'] !== 'boolean') throw invalid('a type says whether it is nullable');
  return types.withNullability(bareType(parts, depth), parts['nullable']);
}

function bareType(parts: Parts, depth: number): DataType {
  const kind = textOf(parts['kind'], 'the kind of a type');
  switch (kind) {
    case 'timestamp': {
      const { timezone } = parts;
      return types.timestamp(unitOf(parts), timezone === null ? null : textOf(timezone, 'a time zone'));
    }
    case 'date':
      if (parts['unit'] !== 'day' && parts['unit'] !== 'ms') throw invalid('a date is stored in days or ms');
      return types.date(parts['unit']);
    case 'time':
      return types.time(unitOf(parts));
    case 'duration':
      return types.duration(unitOf(parts));
    case 'decimal128':
      return types.decimal128(Number(parts['precision']), Number(parts['scale']));
    case 'list':
      return types.list(checkType(parts['item'], depth + 1));
    case 'struct': {
      const fields = Object.entries(partsOf(parts['fields'], 'the fields of a struct'));
      return types.struct(Object.fromEntries(fields.map(([name, field]) => [name, checkType(field, depth + 1)])));
    }
    default: {
      const make = Object.hasOwn(PLAIN, kind) ? PLAIN[kind] : undefined;
      if (make === undefined) throw invalid(`${JSON.stringify(kind)} is no type`);
      return make();
    }
  }
}

function unitOf({ unit }: Parts): 's' | 'ms' | 'us' | 'ns' {
  if (unit === 's' || unit === 'ms' || unit === 'us' || unit === 'ns') return unit;
  throw invalid(`${JSON.stringify(unit)} is no unit of time`);
}

function partsOf(value: unknown, what: string): Parts {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Parts;
  throw invalid(`${what} is an object`);
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw invalid(`${what} are a list`);
}

function textOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw invalid(`${what} is a string`);
}

function optionOf(value: unknown): LiteralValue {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value as LiteralValue;
  throw invalid('a constant is a string, a number, a bool or null');
}

function invalid(why: string): Error {
  return errors.error('EXPRESSION_INVALID', { what: 'cannot read an expression', why });
}
