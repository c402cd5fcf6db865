import { uint32 } from '../../schema/types.js';
import type { Register } from '../lowering/operations.js';
import { shapeOf, type Value } from '../lowering/value.js';
import { isFloat } from '../numeric-types.js';
import type { FunctionDefinition } from './function-definition.js';

/** The same hash as `hashColumns` of the one column, for integers, instants and strings; nulls hash too. */
export const hashFunctions = {
  hash: {
    takes: 'an integer, an instant or a string',
    resultType: ([arg]) => {
      const shape = arg === undefined || isFloat(arg) ? 'place' : shapeOf(arg);
      return shape === 'number' || shape === 'pair' || shape === 'text' ? uint32() : null;
    },
    lower: (l, [arg], type) => {
      const { builder } = l;
      const value = arg as Value;
      const shape = shapeOf(value.type);
      const name = shape === 'text' ? 'hashText' : shape === 'pair' ? 'hashPair' : 'hashWord';
      const hash = builder.operation('toUint32', builder.operation(name, ...value.parts));
      const part: Register = builder.operation('choose', value.isNull, builder.constant(0x5bd1e995), hash);
      return { type, isNull: builder.constant(0), parts: [part] };
    },
  },
} satisfies Record<string, FunctionDefinition>;
