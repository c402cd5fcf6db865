import { type DataType, fieldType, type Schema } from '@sabot/columnar';
import { type ExprNode, expressionOf } from '@sabot/columnar/expressions';

/**
 * Expressions row by row, written for clarity alone and sharing no code with the package: integers and times are
 * bigints in units of their type, floats numbers, anything may be null. Integer overflow wraps.
 */
export type Naive = bigint | number | boolean | string | null;

interface Typed {
  readonly type: DataType;
  readonly value: Naive;
}

const INTEGERS: Readonly<Record<string, readonly [bits: number, signed: boolean]>> = {
  int8: [8, true],
  int16: [16, true],
  int32: [32, true],
  int64: [64, true],
  uint8: [8, false],
  uint16: [16, false],
  uint32: [32, false],
  uint64: [64, false],
};
const PER_MS: Readonly<Record<string, number>> = { s: 0.001, ms: 1, us: 1000, ns: 1_000_000 };

/** A surface value in naive form. */
export function fromSurface(type: DataType, value: unknown): Naive {
  if (value === null) return null;
  if (type.kind in INTEGERS) return BigInt(value as number | bigint);
  if ('unit' in type)
    return BigInt(
      Math.round((value as number) * (type.unit === 'day' ? 1 / 86_400_000 : (PER_MS[type.unit] as number))),
    );
  return value as Naive;
}

export function evaluate(node: ExprNode, schema: Schema, row: Readonly<Record<string, unknown>>): Typed {
  const result = evaluateNode(node, schema, row);
  // What stands in for several values has the type that all of them have.
  const isChoice = node.op === 'case' || (node.op === 'call' && node.name === 'coalesce');
  if (!isChoice) return result;
  const { type } = expressionOf(schema, node);
  return { type, value: inType(result.value, type) };
}

/** A number as the wider type shows it. */
function inType(value: Naive, type: DataType): Naive {
  return value !== null && type.kind.startsWith('float') ? Number(value) : value;
}

function evaluateNode(node: ExprNode, schema: Schema, row: Readonly<Record<string, unknown>>): Typed {
  switch (node.op) {
    case 'column': {
      const type = fieldType(schema, node.name);
      return { type, value: fromSurface(type, row[node.name]) };
    }
    case 'literal':
      return { type: node.type, value: literal(node) };
    case 'cast':
      return { type: node.to, value: cast(evaluate(node.arg, schema, row), node.to) };
    case 'case': {
      for (const [when, then] of node.branches) {
        if (evaluate(when, schema, row).value === true) return evaluate(then, schema, row);
      }
      return node.otherwise === null
        ? { type: { kind: 'bool', nullable: true }, value: null }
        : evaluate(node.otherwise, schema, row);
    }
    case 'call': {
      const args = node.args.map((arg) => evaluate(arg, schema, row));
      return call(node.name, args, node.options ?? []);
    }
  }
}

function literal(node: Extract<ExprNode, { op: 'literal' }>): Naive {
  if (node.value === null) return null;
  if (node.type.kind in INTEGERS || 'unit' in node.type) return BigInt(node.value);
  return node.type.kind.startsWith('float') ? Number(node.value) : node.value;
}

const isInteger = (type: DataType): boolean => type.kind in INTEGERS;
const isNumber = (type: DataType): boolean => isInteger(type) || type.kind.startsWith('float');

function wrap(value: bigint, kind: string): bigint {
  const [bits, signed] = INTEGERS[kind] as readonly [number, boolean];
  return signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
}

function wider(a: DataType, b: DataType): DataType {
  if (a.kind === 'float32' && b.kind === 'float32') return a;
  if (!isInteger(a) || !isInteger(b)) return { kind: 'float64', nullable: true };
  const [bitsA, signedA] = INTEGERS[a.kind] as readonly [number, boolean];
  const [bitsB, signedB] = INTEGERS[b.kind] as readonly [number, boolean];
  if (signedA === signedB) return bitsA >= bitsB ? a : b;
  const signedBits = signedA ? bitsA : bitsB;
  const unsignedBits = signedA ? bitsB : bitsA;
  return { kind: `int${Math.max(signedBits, unsignedBits * 2)}` as 'int64', nullable: true };
}

function compare(a: Typed, b: Typed): number {
  if (isNumber(a.type) && !(isInteger(a.type) && isInteger(b.type))) {
    const [x, y] = [Number(a.value), Number(b.value)];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (typeof a.value === 'string')
    return Math.sign(Buffer.compare(Buffer.from(a.value), Buffer.from(b.value as string)));
  const [x, y] = [a.value as bigint | boolean, b.value as bigint | boolean];
  return x < y ? -1 : x > y ? 1 : 0;
}

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  neq: (order) => order !== 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
};

const bool = (value: boolean | null): Typed => ({ type: { kind: 'bool', nullable: true }, value });
const text = (value: string | null): Typed => ({ type: { kind: 'utf8', nullable: true }, value });
const float = (value: number | null): Typed => ({ type: { kind: 'float64', nullable: true }, value });
const int32 = (value: number | null): Typed => ({
  type: { kind: 'int32', nullable: true },
  value: value === null ? null : BigInt(value),
});

function call(name: string, args: readonly Typed[], options: readonly unknown[]): Typed {
  const [a, b] = args as [Typed, Typed];
  switch (name) {
    case 'isNull':
      return bool(a.value === null);
    case 'isNotNull':
      return bool(a.value !== null);
    case 'and':
      if (a.value === false || b.value === false) return bool(false);
      return bool(a.value === null || b.value === null ? null : true);
    case 'or':
      if (a.value === true || b.value === true) return bool(true);
      return bool(a.value === null || b.value === null ? null : false);
    case 'coalesce':
      return args.find((arg) => arg.value !== null) ?? a;
  }
  const hasNull = args.some((arg) => arg.value === null);
  if (name in COMPARISONS)
    return bool(hasNull ? null : (COMPARISONS[name] as (order: number) => boolean)(compare(a, b)));
  return strict(name, args, options, hasNull);
}

function strict(name: string, args: readonly Typed[], options: readonly unknown[], hasNull: boolean): Typed {
  const [a, b] = args as [Typed, Typed];
  switch (name) {
    case 'not':
      return bool(hasNull ? null : a.value !== true);
    case 'in':
      return bool(hasNull ? null : options.some((option) => `${option}` === `${a.value}`));
    case 'add':
    case 'sub':
    case 'mul':
    case 'mod':
    case 'intDiv':
      return arithmetic(name, a, b, hasNull);
    case 'div':
      return float(hasNull ? null : Number(a.value) / Number(b.value));
    case 'neg':
    case 'abs':
      return sign(name, a, hasNull);
    case 'round':
    case 'floor':
    case 'ceil':
      return { type: a.type, value: hasNull || isInteger(a.type) ? a.value : rounded(name, a.value as number) };
    case 'sqrt':
      return float(hasNull ? null : Math.sqrt(Number(a.value)));
    case 'truncate':
    case 'extract':
    case 'epochMs':
      return temporal(name, a, options[0] as string, hasNull);
    default:
      return textual(name, args, options, hasNull);
  }
}

function rounded(name: string, value: number): number {
  if (name === 'floor') return Math.floor(value);
  if (name === 'ceil') return Math.ceil(value);
  return Math.sign(value) * Math.round(Math.abs(value));
}

function arithmetic(name: string, a: Typed, b: Typed, hasNull: boolean): Typed {
  const type = wider(a.type, b.type);
  if (hasNull) return { type, value: null };
  if (isInteger(type)) {
    const [x, y] = [BigInt(a.value as bigint), BigInt(b.value as bigint)];
    if ((name === 'mod' || name === 'intDiv') && y === 0n) return { type, value: null };
    const results = { add: () => x + y, sub: () => x - y, mul: () => x * y, mod: () => x % y, intDiv: () => x / y };
    return { type, value: wrap(results[name as 'add'](), type.kind) };
  }
  const [x, y] = [Number(a.value), Number(b.value)];
  const value = { add: x + y, sub: x - y, mul: x * y, mod: x % y }[name] as number;
  return { type, value: type.kind === 'float32' && name !== 'mod' ? Math.fround(value) : value };
}

function sign(name: string, a: Typed, hasNull: boolean): Typed {
  if (hasNull) return a;
  if (typeof a.value === 'number') return { type: a.type, value: name === 'neg' ? -a.value : Math.abs(a.value) };
  const value = a.value as bigint;
  return { type: a.type, value: wrap(name === 'neg' || value < 0n ? -value : value, a.type.kind) };
}

function instantOf(a: Typed): Date {
  const type = a.type as { unit: string };
  return new Date(
    type.unit === 'day' ? Number(a.value) * 86_400_000 : Math.floor(Number(a.value) / (PER_MS[type.unit] as number)),
  );
}

function temporal(name: string, a: Typed, option: string, hasNull: boolean): Typed {
  const type = a.type as DataType & { unit: string };
  const perMs = type.unit === 'day' ? 1 / 86_400_000 : (PER_MS[type.unit] as number);
  if (name === 'epochMs') return float(hasNull ? null : Number(a.value) / perMs);
  if (name === 'extract') return int32(hasNull ? null : fieldOf(instantOf(a), option));
  if (hasNull) return a;
  return { type: a.type, value: BigInt(Math.floor(startOf(instantOf(a), option).getTime() * perMs)) };
}

function fieldOf(at: Date, field: string): number {
  const midnight = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate());
  switch (field) {
    case 'year':
      return at.getUTCFullYear();
    case 'quarter':
      return Math.floor(at.getUTCMonth() / 3) + 1;
    case 'month':
      return at.getUTCMonth() + 1;
    case 'day':
      return at.getUTCDate();
    case 'hour':
      return at.getUTCHours();
    case 'minute':
      return at.getUTCMinutes();
    case 'second':
      return at.getUTCSeconds();
    case 'millisecond':
      return at.getUTCMilliseconds();
    case 'dayOfWeek':
      return ((at.getUTCDay() + 6) % 7) + 1;
    default:
      return (midnight - Date.UTC(at.getUTCFullYear(), 0, 1)) / 86_400_000 + 1;
  }
}

function startOf(at: Date, unit: string): Date {
  const day = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate());
  const fixed: Readonly<Record<string, number>> = { second: 1000, minute: 60_000, hour: 3_600_000 };
  if (unit in fixed) {
    const ms = fixed[unit] as number;
    return new Date(Math.floor(at.getTime() / ms) * ms);
  }
  if (unit === 'day') return new Date(day);
  if (unit === 'week') return new Date(day - ((at.getUTCDay() + 6) % 7) * 86_400_000);
  const months = { month: 1, quarter: 3, year: 12 }[unit] as number;
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - (at.getUTCMonth() % months), 1));
}

function textual(name: string, args: readonly Typed[], options: readonly unknown[], hasNull: boolean): Typed {
  const [a, b] = args.map((arg) => arg.value as string) as [string, string];
  const tests: Readonly<Record<string, () => boolean>> = {
    contains: () => a.includes(b),
    startsWith: () => a.startsWith(b),
    endsWith: () => a.endsWith(b),
    like: () => likePattern(options[0] as string).test(a),
    matches: () => new RegExp(options[0] as string).test(a),
  };
  if (name in tests) return bool(hasNull ? null : (tests[name] as () => boolean)());
  if (name === 'length') return int32(hasNull ? null : [...a].length);
  const results: Readonly<Record<string, () => string>> = {
    upper: () => a.toUpperCase(),
    lower: () => a.toLowerCase(),
    trim: () => a.replace(/^ +| +$/g, ''),
    substring: () => [...a].slice(options[0] as number, (options[0] as number) + (options[1] as number)).join(''),
    concat: () => a + b,
    splitPart: () => (b === '' ? (options[0] === 0 ? a : '') : (a.split(b)[options[0] as number] ?? '')),
  };
  return text(hasNull ? null : (results[name] as () => string)());
}

function likePattern(pattern: string): RegExp {
  const source = [...pattern].map((c) =>
    c === '%' ? '[^]*' : c === '_' ? '[^]' : c.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  );
  return new RegExp(`^${source.join('')}$`, 'u');
}

/** As `tryCast`. */
function cast({ type: from, value }: Typed, to: DataType): Naive {
  if (value === null) return null;
  if (to.kind === 'utf8') return typeof value === 'number' && Object.is(value, -0) ? '-0' : String(value);
  if (to.kind === 'bool') return typeof value === 'string' ? parseBool(value) : Number(value) !== 0;
  if (to.kind.startsWith('float')) {
    const number = typeof value === 'string' ? parseFloatText(value) : Number(value);
    return number !== null && to.kind === 'float32' ? Math.fround(number) : number;
  }
  const whole = typeof value === 'string' ? parseIntegerText(value) : wholeOf(value, from);
  return whole === null || wrap(whole, to.kind) !== whole ? null : whole;
}

function wholeOf(value: bigint | number | boolean, from: DataType): bigint | null {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (isInteger(from)) return value as bigint;
  if (!Number.isFinite(value as number)) return null;
  const below = Math.floor(value as number);
  const rest = (value as number) - below;
  return BigInt(rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below);
}

function parseIntegerText(value: string): bigint | null {
  return /^ *[+-]?\d+ *$/.test(value) ? BigInt(value.trim().replace('+', '')) : null;
}

function parseFloatText(value: string): number | null {
  const trimmed = value.trim();
  return trimmed === '' || Number.isNaN(Number(trimmed)) ? null : Number(trimmed);
}

function parseBool(value: string): boolean | null {
  const word = value.trim().toLowerCase();
  if (['true', 't', '1'].includes(word)) return true;
  return ['false', 'f', '0'].includes(word) ? false : null;
}
