import type { DataType, Float64, WithNull } from '../schema/data-type.js';
import { integerType } from '../schema/integer-type.js';
import { float32, float64, withNullability } from '../schema/types.js';

/**
 * The type in which two numbers are computed: the wider of two integers (signed and unsigned meet in a wider signed
 * one; 64 bits of both do not meet), float32 only of two float32, otherwise float64.
 */
const WIDER = {
  int8: {
    int8: 'int8',
    int16: 'int16',
    int32: 'int32',
    int64: 'int64',
    uint8: 'int16',
    uint16: 'int32',
    uint32: 'int64',
  },
  int16: {
    int8: 'int16',
    int16: 'int16',
    int32: 'int32',
    int64: 'int64',
    uint8: 'int16',
    uint16: 'int32',
    uint32: 'int64',
  },
  int32: {
    int8: 'int32',
    int16: 'int32',
    int32: 'int32',
    int64: 'int64',
    uint8: 'int32',
    uint16: 'int32',
    uint32: 'int64',
  },
  int64: {
    int8: 'int64',
    int16: 'int64',
    int32: 'int64',
    int64: 'int64',
    uint8: 'int64',
    uint16: 'int64',
    uint32: 'int64',
  },
  uint8: {
    int8: 'int16',
    int16: 'int16',
    int32: 'int32',
    int64: 'int64',
    uint8: 'uint8',
    uint16: 'uint16',
    uint32: 'uint32',
    uint64: 'uint64',
  },
  uint16: {
    int8: 'int32',
    int16: 'int32',
    int32: 'int32',
    int64: 'int64',
    uint8: 'uint16',
    uint16: 'uint16',
    uint32: 'uint32',
    uint64: 'uint64',
  },
  uint32: {
    int8: 'int64',
    int16: 'int64',
    int32: 'int64',
    int64: 'int64',
    uint8: 'uint32',
    uint16: 'uint32',
    uint32: 'uint32',
    uint64: 'uint64',
  },
  uint64: { uint8: 'uint64', uint16: 'uint64', uint32: 'uint64', uint64: 'uint64' },
} as const;

type WiderTable = typeof WIDER;
type IntegerKind = keyof WiderTable;
type FloatKind = 'float32' | 'float64';
export type NumberKind = IntegerKind | FloatKind;

interface ByKind<N extends boolean> {
  readonly int8: WithNull<{ kind: 'int8'; nullable: N; _value?: number }, N>;
  readonly int16: WithNull<{ kind: 'int16'; nullable: N; _value?: number }, N>;
  readonly int32: WithNull<{ kind: 'int32'; nullable: N; _value?: number }, N>;
  readonly int64: WithNull<{ kind: 'int64'; nullable: N; _value?: bigint }, N>;
  readonly uint8: WithNull<{ kind: 'uint8'; nullable: N; _value?: number }, N>;
  readonly uint16: WithNull<{ kind: 'uint16'; nullable: N; _value?: number }, N>;
  readonly uint32: WithNull<{ kind: 'uint32'; nullable: N; _value?: number }, N>;
  readonly uint64: WithNull<{ kind: 'uint64'; nullable: N; _value?: bigint }, N>;
  readonly float32: WithNull<{ kind: 'float32'; nullable: N; _value?: number }, N>;
  readonly float64: Float64<N>;
}

type WiderKind<A, B> = A extends 'float32'
  ? B extends 'float32'
    ? 'float32'
    : 'float64'
  : A extends 'float64'
    ? 'float64'
    : B extends FloatKind
      ? 'float64'
      : A extends IntegerKind
        ? B extends keyof WiderTable[A]
          ? WiderTable[A][B]
          : never
        : never;

/** Null where either operand may be null. */
export type EitherNull<A extends DataType, B extends DataType> = A['nullable'] extends false
  ? B['nullable']
  : A['nullable'];

/** The type of `a + b`. */
export type ArithmeticOf<A extends DataType, B extends DataType> =
  WiderKind<A['kind'], B['kind']> extends infer K extends keyof ByKind<boolean> ? ByKind<EitherNull<A, B>>[K] : never;

/** Whether values of a type are numbers to compute with. */
export function isNumeric(type: DataType): boolean {
  return isFloat(type) || type.kind in WIDER;
}

export function isFloat(type: DataType): boolean {
  return type.kind === 'float32' || type.kind === 'float64';
}

export function isInteger(type: DataType): boolean {
  return type.kind in WIDER;
}

/** The type in which two numbers are computed, nullable if either is; null when they do not meet. */
export function widerNumber(a: DataType, b: DataType): DataType | null {
  const bare = widerBare(a, b);
  return bare === null ? null : withNullability(bare, a.nullable || b.nullable);
}

function widerBare(a: DataType, b: DataType): DataType | null {
  if (!isNumeric(a) || !isNumeric(b)) return null;
  if (a.kind === 'float32' && b.kind === 'float32') return float32();
  if (isFloat(a) || isFloat(b)) return float64();
  const row: Readonly<Record<string, string>> = WIDER[a.kind as IntegerKind];
  const kind = row[b.kind];
  return kind === undefined ? null : integerType(Number(kind.replace(/\D/g, '')), kind.startsWith('i'));
}
