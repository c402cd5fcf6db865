import { errors } from '../../errors.js';
import type { DataType } from '../../schema/data-type.js';
import { describeType } from '../../schema/define-schema.js';
import { isFloat } from '../numeric-types.js';
import type { Register } from './operations.js';
import { ProgramBuilder } from './program-builder.js';
import { shapeOf, type Value } from './value.js';

/** What integer arithmetic does when a result leaves the range of its type. */
export type OverflowRule = 'error' | 'wrap';

/** What functions need to turn themselves into instructions. */
export class Lowering {
  readonly builder = new ProgramBuilder();
  readonly overflow: OverflowRule;

  constructor(overflow: OverflowRule) {
    this.overflow = overflow;
  }

  /** A value whose null flag is that of its operands. */
  strict(type: DataType, args: readonly Value[], parts: readonly Register[]): Value {
    return { type, isNull: this.anyNull(args), parts };
  }

  anyNull(args: readonly Value[]): Register {
    return args.reduce((isNull, arg) => this.builder.or(isNull, arg.isNull), this.builder.constant(0));
  }

  /** Fails when the condition holds and the value is not null. */
  failIf(condition: Register, isNull: Register, error: () => Error): void {
    const { builder } = this;
    builder.failIf(builder.and(condition, builder.not(isNull)), error);
  }

  failOnOverflow(condition: Register, isNull: Register, what: string, type: DataType): void {
    if (this.overflow === 'wrap') return;
    this.failIf(condition, isNull, () =>
      errors.error('ARITHMETIC_OVERFLOW', {
        what: `${what} left the range of its type`,
        why: `it is ${describeType(type)}`,
      }),
    );
  }

  /** A number in another number type that holds all its values (floats may round 64-bit integers). */
  widen(value: Value, to: DataType): Value {
    const { builder } = this;
    const fromPair = shapeOf(value.type) === 'pair';
    const [first, second] = value.parts as [Register, Register];
    if (isFloat(to)) {
      if (!fromPair) return { ...value, type: to };
      const name = value.type.kind === 'uint64' ? 'unsignedToNumber' : 'pairToNumber';
      return { ...value, type: to, parts: [builder.operation(name, first, second)] };
    }
    if (shapeOf(to) !== 'pair' || fromPair) return { ...value, type: to };
    const low = builder.operation('toInt32', first);
    const high = value.type.kind.startsWith('u') ? builder.constant(0) : builder.operation('signOf', low);
    return { ...value, type: to, parts: [low, high] };
  }

  /** The float of a number of any type. */
  toNumber(value: Value): Register {
    if (value.type.kind === 'decimal128') {
      const unscaled = this.builder.operation('quadToNumber', ...value.parts);
      return this.builder.operation('div', unscaled, this.builder.constant(10 ** value.type.scale));
    }
    return this.widen(value, { kind: 'float64', nullable: true }).parts[0] as Register;
  }

  /** A whole number as a constant pair. */
  pairConstant(value: number): readonly [Register, Register] {
    const high = Math.floor(value / 4294967296);
    return [this.builder.constant((value - high * 4294967296) | 0), this.builder.constant(high | 0)];
  }

  /** A value that is one of several, each computed only when it is chosen. */
  choose(type: DataType, fill: (assign: (value: Value) => void) => void): Value {
    const { builder } = this;
    const count = { number: 1, bool: 1, pair: 2, quad: 4, text: 3, place: 0 }[shapeOf(type)];
    const parts = Array.from({ length: count }, (_, i) => builder.variable(0, count === 3 && i === 0));
    const isNull = builder.variable(1);
    fill((value) => {
      parts.forEach((part, i) => {
        builder.set(part, value.parts[i] as Register);
      });
      builder.set(isNull, value.isNull);
    });
    return { type, isNull, parts };
  }
}
