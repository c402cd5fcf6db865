import type { DataType } from './data-type.js';
import { int8, int16, int32, int64, uint8, uint16, uint32, uint64 } from './types.js';

/** The integer type of a width of 8, 16, 32 or 64 bits. */
export function integerType(bits: number, signed: boolean): DataType {
  switch (bits) {
    case 8:
      return signed ? int8() : uint8();
    case 16:
      return signed ? int16() : uint16();
    case 32:
      return signed ? int32() : uint32();
    default:
      return signed ? int64() : uint64();
  }
}
