import { type Column, makeColumn, timestamp } from '@sabot/columnar';
import type { NexmarkModel } from './model.js';
import { timeMsOf } from './model.js';

const WORD = 2 ** 32;

/** The event times of these events. */
export function timeColumn(model: NexmarkModel, events: Int32Array): Column {
  const values = new Int32Array(2 * events.length);
  for (let i = 0; i < events.length; i++) writeMs(values, i, timeMsOf(model, events[i] as number));
  return makeColumn(timestamp('ms'), events.length, { values });
}

/** Writes epoch milliseconds as a (low, high) pair. */
export function writeMs(values: Int32Array, row: number, timeMs: number): void {
  const high = Math.floor(timeMs / WORD);
  values[2 * row] = timeMs - high * WORD;
  values[2 * row + 1] = high;
}
