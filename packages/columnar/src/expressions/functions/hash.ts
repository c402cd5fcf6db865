import { uint32 } from '../../schema/types.js';
import type { Register } from '../lowering/operations.js';
import { shapeOf, type Value } from '../lowering/value.js';
import { isFloat } from '../numeric-types.js';
import type { FunctionDefinition } from './function-definition.js';

const HASHES = {
  number: 'hashWord',
  bool: 'hashBool',
  pair: 'hashPair',
  quad: 'hashQuad',
  text: 'hashText',
  place: 'hashText',
} as const;

/** The same hash as `hashColumns` of the one column, for all types but lists and structs; nulls hash too. */
export const hashFunctions = {
  hash: {
    takes: 'any value but a list or a struct',
    resultType: ([arg]) => {
      return arg === undefined || shapeOf(arg) === 'place' ? null : uint32();
    },
    lower: (l, [arg], type) => {
      const { builder } = l;
      const value = arg as Value;
      const name = isFloat(value.type) ? 'hashFloat' : HASHES[shapeOf(value.type)];
      const hash = builder.operation('toUint32', builder.operation(name, ...value.parts));
      const part: Register = builder.operation('choose', value.isNull, builder.constant(0x5bd1e995), hash);
      return { type, isNull: builder.constant(0), parts: [part] };
    },
  },
} satisfies Record<string, FunctionDefinition>;
