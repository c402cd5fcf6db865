import { type Batch, rowsOf, sliceBatch } from '@sabot/columnar';
import { decodeIpcFile, decodeIpcStream, encodeIpcFile, encodeIpcStream } from '@sabot/columnar/ipc';
import { randomBatch, seededRandom } from '@sabot/columnar/testing';
import { isSabotError } from '@sabot/core-observability/errors';
import { allTypes } from './schemas.js';

const EXTREMES = [0, -1, 1, 0x7fffffff, -0x80000000, 0xffff, 64, 0x40000000];

/** Flips bits, sets extreme words, cuts off or doubles pieces. */
export function mutated(bytes: Uint8Array, random: () => number): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--) {
    const at = Math.floor(random() * (copy.length - 8));
    const kind = random();
    if (kind < 0.4) copy[at] = (copy[at] as number) ^ (1 << Math.floor(random() * 8));
    else if (kind < 0.7) view.setInt32(at & ~3, EXTREMES[Math.floor(random() * EXTREMES.length)] as number, true);
    else if (kind < 0.85) copy.copyWithin(at, Math.floor(random() * copy.length), Math.floor(random() * copy.length));
    else return copy.subarray(0, at);
  }
  return copy;
}

/** The forms that are mutated: a stream and a file, each plain and with both compressions. */
export const FORMS = (['stream', 'file'] as const).flatMap((form) =>
  ([undefined, 'lz4', 'zstd'] as const).map((compression) => ({ form, compression })),
);

type Form = (typeof FORMS)[number];

const originals = new Map<string, Uint8Array>();

function original({ form, compression }: Form, seed: number): Uint8Array {
  const key = `${form} ${compression} ${seed}`;
  let bytes = originals.get(key);
  if (bytes === undefined) {
    const batches = [1, 2].map((part) => randomBatch(allTypes, 1 + (seed % 5) * part, seededRandom(seed * part)));
    const encode = form === 'file' ? encodeIpcFile : encodeIpcStream;
    bytes = encode(allTypes, batches, compression === undefined ? {} : { compression });
    originals.set(key, bytes);
  }
  return bytes;
}

export type Outcome = 'error' | 'batches';

/** Decodes a damaged form of a seed; anything but a coded error or batches that can be read throws. */
export function decodeDamaged(form: Form, seed: number): Outcome {
  const bytes = mutated(original(form, seed % 20), seededRandom(seed));
  let batches: readonly Batch[];
  try {
    batches = (form.form === 'file' ? decodeIpcFile : decodeIpcStream)(bytes).batches;
  } catch (error) {
    if (isSabotError(error)) return 'error';
    throw new Error(`${form.form} ${form.compression}, seed ${seed}`, { cause: error });
  }
  // Reading every value walks every offset, code and bit.
  for (const batch of batches) rowsOf(sliceBatch(batch, 0, 1000));
  return 'batches';
}
