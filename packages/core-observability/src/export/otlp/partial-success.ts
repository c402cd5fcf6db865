import { protoFields } from './proto-reader.js';

/** How many items a receiver refused although it answered "success", and why. */
export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

/** Reads `partial_success` of an OTLP response in binary; a body that is none says nothing was rejected. */
export function readPartialSuccess(body: Uint8Array): PartialSuccess {
  const outer = [...protoFields(body)].find((field) => field.number === 1);
  if (outer === undefined || typeof outer.value === 'number') return { rejected: 0, message: '' };
  let rejected = 0;
  let message = '';
  for (const { number, value } of protoFields(outer.value)) {
    if (number === 1 && typeof value === 'number') rejected = value;
    if (number === 2 && typeof value !== 'number') message = Buffer.from(value).toString('utf8');
  }
  return { rejected, message };
}
