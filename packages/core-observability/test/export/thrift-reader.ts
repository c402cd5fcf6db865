/** A value of Thrift's binary protocol: structs are records by field id. */
export type ThriftValue = number | bigint | boolean | string | ThriftValue[] | ThriftStruct;
export interface ThriftStruct {
  readonly [id: number]: ThriftValue;
}

/** Reads one struct; written from Thrift's specification, independent of Sabot's writer. */
export function readThrift(buffer: Buffer): ThriftStruct {
  let at = 0;
  const bytes = (count: number): Buffer => {
    const slice = buffer.subarray(at, at + count);
    at += count;
    return slice;
  };
  const value = (type: number): ThriftValue => {
    switch (type) {
      case 2:
        return bytes(1).readUInt8() === 1;
      case 4:
        return bytes(8).readDoubleBE();
      case 8:
        return bytes(4).readInt32BE();
      case 10:
        return bytes(8).readBigInt64BE();
      case 11:
        return bytes(bytes(4).readInt32BE()).toString('utf8');
      case 12:
        return struct();
      case 15: {
        const itemType = bytes(1).readUInt8();
        return Array.from({ length: bytes(4).readInt32BE() }, () => value(itemType));
      }
      default:
        throw new TypeError(`unknown Thrift type ${type} at byte ${at}`);
    }
  };
  const struct = (): ThriftStruct => {
    const fields: Record<number, ThriftValue> = {};
    for (let type = bytes(1).readUInt8(); type !== 0; type = bytes(1).readUInt8()) {
      const id = bytes(2).readInt16BE();
      fields[id] = value(type);
    }
    return fields;
  };
  const result = struct();
  if (at !== buffer.length) throw new TypeError(`${buffer.length - at} bytes behind the struct`);
  return result;
}
