import type { Batch } from '@sabot/columnar';
import { takeBatch } from '@sabot/columnar/kernels';
import type { GlobalWindow, HoppingWindow, TumblingWindow } from '../time/window-spec.js';

/** Rows with the start of the window that each is in; a row in several windows stands there several times. */
export interface PlacedRows {
  readonly batch: Batch;
  /** By row of `batch`. */
  readonly startsMs: Float64Array;
  /** Rows of `batch` that are in a window at all; null: all. */
  readonly selection: Int32Array | null;
  /** Rows of the input that are in no open window: 1 per row; undefined: none. */
  readonly late: { readonly flags: Uint8Array; readonly count: number } | undefined;
}

/** Puts rows into the windows that are open when those that end by `closedMs` are not. Overwrites `timesMs`. */
export function placeRows(
  batch: Batch,
  timesMs: Float64Array,
  window: TumblingWindow | HoppingWindow | GlobalWindow,
  closedMs: number,
): PlacedRows {
  switch (window.kind) {
    case 'global':
      return { batch, startsMs: timesMs.fill(0), selection: null, late: undefined };
    case 'tumbling':
      return inOneWindow(batch, timesMs, window, closedMs);
    case 'hopping':
      return inSeveralWindows(batch, timesMs, window, closedMs);
  }
}

function inOneWindow(
  batch: Batch,
  timesMs: Float64Array,
  { sizeMs, offsetMs }: TumblingWindow,
  closedMs: number,
): PlacedRows {
  const { numRows } = batch;
  const openFromMs = closedMs - sizeMs;
  let late = 0;
  for (let row = 0; row < numRows; row++) {
    const startMs = Math.floor(((timesMs[row] as number) - offsetMs) / sizeMs) * sizeMs + offsetMs;
    timesMs[row] = startMs;
    if (startMs <= openFromMs) late++;
  }
  if (late === 0) return { batch, startsMs: timesMs, selection: null, late: undefined };
  const flags = new Uint8Array(numRows);
  const selection = new Int32Array(numRows - late);
  for (let row = 0, kept = 0; row < numRows; row++) {
    if ((timesMs[row] as number) <= openFromMs) flags[row] = 1;
    else selection[kept++] = row;
  }
  return { batch, startsMs: timesMs, selection, late: { flags, count: late } };
}

function inSeveralWindows(
  batch: Batch,
  timesMs: Float64Array,
  { sizeMs, slideMs, offsetMs }: HoppingWindow,
  closedMs: number,
): PlacedRows {
  const { numRows } = batch;
  const overlap = Math.ceil(sizeMs / slideMs);
  const rows = new Int32Array(numRows * overlap);
  const startsMs = new Float64Array(numRows * overlap);
  const flags = new Uint8Array(numRows);
  let count = 0;
  let late = 0;
  for (let row = 0; row < numRows; row++) {
    const timeMs = timesMs[row] as number;
    const before = count;
    const last = Math.floor((timeMs - offsetMs) / slideMs);
    const first = Math.floor((timeMs - offsetMs - sizeMs) / slideMs) + 1;
    for (let index = first; index <= last; index++) {
      const startMs = offsetMs + index * slideMs;
      if (startMs + sizeMs <= closedMs) continue;
      rows[count] = row;
      startsMs[count++] = startMs;
    }
    if (count > before) continue;
    flags[row] = 1;
    late++;
  }
  const placed = takeBatch(batch, rows, count);
  return { batch: placed, startsMs, selection: null, late: late === 0 ? undefined : { flags, count: late } };
}
