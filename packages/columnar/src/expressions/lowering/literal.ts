import { parseDecimal, writeDecimal } from '../../batch/decimal-text.js';
import { errors } from '../../errors.js';
import { describeType } from '../../schema/define-schema.js';
import type { ExprNode } from '../node.js';
import type { Lowering } from './lowering.js';
import type { Register } from './operations.js';
import { shapeOf, type Value } from './value.js';

type Literal = Extract<ExprNode, { op: 'literal' }>;

/** A literal in constant registers. */
export function lowerLiteral(l: Lowering, node: Literal): Value {
  const { builder } = l;
  const { type, value } = node;
  if (value === null) return { type, isNull: builder.constant(1), parts: emptyParts(l, node) };
  return { type, isNull: builder.constant(0), parts: valueParts(l, node) };
}

function emptyParts(l: Lowering, node: Literal): readonly Register[] {
  const zero = l.builder.constant(0);
  const counts = { number: 1, bool: 1, pair: 2, quad: 4, text: 0, place: 0 };
  if (shapeOf(node.type) === 'text') return [l.builder.object(new Uint8Array(0)), zero, zero];
  return Array.from({ length: counts[shapeOf(node.type)] }, () => zero);
}

function valueParts(l: Lowering, { type, value }: Literal): readonly Register[] {
  const { builder } = l;
  switch (shapeOf(type)) {
    case 'number':
      return [builder.constant(Number(value))];
    case 'bool':
      return [builder.constant(value === true)];
    case 'pair': {
      const whole = BigInt(value as string);
      const words = [BigInt.asIntN(32, whole), BigInt.asIntN(32, whole >> 32n)];
      return words.map((word) => builder.constant(Number(word)));
    }
    case 'quad': {
      const words = new Int32Array(4);
      const { precision, scale } = type as { precision: number; scale: number };
      const unscaled = parseDecimal(value as string, precision, scale);
      if (unscaled === null) break;
      writeDecimal(words, 0, unscaled);
      return Array.from(words, (word) => builder.constant(word));
    }
    case 'text': {
      const bytes =
        type.kind === 'binary'
          ? Uint8Array.from(Buffer.from(value as string, 'hex'))
          : new TextEncoder().encode(value as string);
      return [builder.object(bytes), builder.constant(0), builder.constant(bytes.length)];
    }
    case 'place':
      break;
  }
  throw errors.error('EXPRESSION_INVALID', {
    what: `${JSON.stringify(value)} is no literal`,
    why: `${describeType(type)} has no such literal`,
  });
}
