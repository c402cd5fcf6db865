import { errors } from '../../errors.js';
import type { DataType } from '../../schema/data-type.js';
import { describeType } from '../../schema/define-schema.js';
import { layoutOf } from '../../schema/layout.js';
import type { ColumnKeys } from './column-keys.js';
import { DecimalKeys } from './decimal-keys.js';
import { FixedKeys } from './fixed-keys.js';
import type { ExpectedKeys } from './pair-table.js';
import { TextKeys } from './text-keys.js';

/** Empty keys of a type; lists and structs are refused. */
export function createColumnKeys(type: DataType, expected: ExpectedKeys = {}): ColumnKeys {
  const layout = layoutOf(type);
  switch (layout.shape) {
    case 'fixed':
      return layout.width === 4 ? new DecimalKeys(type, expected) : new FixedKeys(type, expected);
    case 'bits':
      return new FixedKeys(type, expected);
    case 'bytes':
    case 'codes':
      return new TextKeys(type, expected);
    default:
      throw errors.error('KERNEL_ARGUMENT_INVALID', {
        what: `cannot use a column of type ${describeType(type)} as a grouping key`,
        why: 'lists and structs have no order and no slot form',
        remedy: 'Use one of its fields, or a hash of it.',
      });
  }
}
