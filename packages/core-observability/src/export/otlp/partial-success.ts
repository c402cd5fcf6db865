/** How many items a receiver refused although it answered "success", and why. */
export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

interface Field {
  readonly number: number;
  readonly value: number | Uint8Array;
}

/** Reads `partial_success` of an OTLP response in binary; a body that is none says nothing was rejected. */
export function readPartialSuccess(body: Uint8Array): PartialSuccess {
  const outer = [...fields(body)].find((field) => field.number === 1);
  if (outer === undefined || typeof outer.value === 'number') return { rejected: 0, message: '' };
  let rejected = 0;
  let message = '';
  for (const { number, value } of fields(outer.value)) {
    if (number === 1 && typeof value === 'number') rejected = value;
    if (number === 2 && typeof value !== 'number') message = Buffer.from(value).toString('utf8');
  }
  return { rejected, message };
}

function* fields(bytes: Uint8Array): Generator<Field> {
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
      // The response has no other types: what follows is not one.
      return;
    }
  }
}
