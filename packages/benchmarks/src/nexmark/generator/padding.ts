/**
 * Texts of random letters, as runs of a pool that is made once.
 *
 * The texts of one column in one epoch lie side by side in the pool, from a place that (seed, epoch, column) decide: an
 * epoch is one copy of memory, and yet every row's bytes are its own and depend on the event alone, not on the batch.
 */
import { type Column, makeColumn, utf8 } from '@sabot/columnar';
import { EVENTS_PER_EPOCH, epochOf, type NexmarkModel, randomBits } from './model.js';

const POOL_BYTES = 2 ** 20;
/** More than the texts of one column in one epoch. */
const LONGEST_RUN = 8192;

/** Random letters, as bytes to copy and to read as text. A buffer's own parts are slow to make. */
export interface TextPool {
  readonly bytes: Uint8Array;
  readonly text: Buffer;
}

/** Letters, every thirteenth of them a space when asked for. */
function createPool(withSpaces: boolean): TextPool {
  const pool = new Uint8Array(POOL_BYTES + LONGEST_RUN);
  for (let i = 0; i < pool.length; i++) {
    const bits = randomBits(0, i, 0) >>> 0;
    pool[i] = withSpaces && bits % 13 === 0 ? 32 : 97 + ((bits >>> 8) % 26);
  }
  return { bytes: pool, text: Buffer.from(pool.buffer) };
}

/** How a column of random text is made. */
export interface TextColumn {
  readonly salt: number;
  readonly pool: TextPool;
  /** The first event of each epoch that has such a text. */
  readonly firstOffset: number;
  length(model: NexmarkModel, event: number): number;
}

export const LETTERS = createPool(false);
export const WORDS = createPool(true);

/** The texts of these events, ascending, of which `lengths` says how long each is. */
export function textColumn(
  model: NexmarkModel,
  events: Int32Array,
  lengths: Int32Array,
  { salt, pool, firstOffset, length }: TextColumn,
): Column {
  const count = events.length;
  const offsets = new Int32Array(count + 1);
  for (let i = 0; i < count; i++) offsets[i + 1] = (offsets[i] as number) + (lengths[i] as number);
  // Not cleared first: every byte is written.
  const values = new Uint8Array(Buffer.allocUnsafeSlow(offsets[count] as number).buffer);
  for (let from = 0; from < count; ) {
    const first = events[from] as number;
    const nextEpoch = (epochOf(first) + 1) * EVENTS_PER_EPOCH;
    let to = from + 1;
    while (to < count && (events[to] as number) < nextEpoch) to++;
    const start = placeOf(model, first, salt) + lengthBefore(model, first, firstOffset, length);
    const bytes = (offsets[to] as number) - (offsets[from] as number);
    values.set(pool.bytes.subarray(start, start + bytes), offsets[from]);
    from = to;
  }
  return makeColumn(utf8(), count, { values, offsets });
}

/** The text of one event. */
export function textOf(model: NexmarkModel, event: number, { salt, pool, firstOffset, length }: TextColumn): string {
  const start = placeOf(model, event, salt) + lengthBefore(model, event, firstOffset, length);
  return pool.text.toString('latin1', start, start + length(model, event));
}

function placeOf({ seed }: NexmarkModel, event: number, salt: number): number {
  return randomBits(seed, epochOf(event), salt + 100) & (POOL_BYTES - 1);
}

/** Bytes of the texts before this one in its epoch. */
function lengthBefore(model: NexmarkModel, event: number, firstOffset: number, length: TextColumn['length']): number {
  let bytes = 0;
  for (let n = epochOf(event) * EVENTS_PER_EPOCH + firstOffset; n < event; n++) bytes += length(model, n);
  return bytes;
}
