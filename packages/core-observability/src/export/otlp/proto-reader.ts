/** One field of a protobuf message: a number, or the bytes of a text, bytes or message. */
export interface ProtoField {
  readonly number: number;
  readonly value: number | Uint8Array;
}

/** The fields of a message that has only integers, texts and messages; ends at what is none. */
export function* protoFields(bytes: Uint8Array): Generator<ProtoField> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < bytes.length; scale *= 128) {
      const byte = bytes[at++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const type = tag % 8;
    if (type === 0) {
      yield { number, value: varint() };
    } else if (type === 2) {
      const length = varint();
      yield { number, value: bytes.subarray(at, at + length) };
      at += length;
    } else {
      // The messages read here have no other types: what follows is none of them.
      return;
    }
  }
}
