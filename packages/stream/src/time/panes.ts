import type { HoppingWindow, TumblingWindow } from './window-spec.js';

/**
 * Aligned windows cut into panes: the longest stretches of time that no window boundary divides. Window `i` is
 * `[offset + i · slide, offset + i · slide + size)`; a tumbling window is one pane that slides by its size.
 */
export interface Panes {
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly offsetMs: number;
  readonly paneMs: number;
  /** How many windows a pane belongs to, at most. */
  readonly overlap: number;
}

export function panesOf(window: TumblingWindow | HoppingWindow): Panes {
  const { sizeMs, offsetMs } = window;
  const slideMs = window.kind === 'tumbling' ? sizeMs : window.slideMs;
  return { sizeMs, slideMs, offsetMs, paneMs: gcd(sizeMs, slideMs), overlap: Math.ceil(sizeMs / slideMs) };
}

/** The start of window `index`. */
export function windowStart(panes: Panes, index: number): number {
  return panes.offsetMs + index * panes.slideMs;
}

/** The last window that a pane (by its start) belongs to. */
export function lastWindow(panes: Panes, paneStartMs: number): number {
  return Math.floor((paneStartMs - panes.offsetMs) / panes.slideMs);
}

/** The first window that a pane (by its start) belongs to. */
export function firstWindow(panes: Panes, paneStartMs: number): number {
  return lastEnded(panes, paneStartMs) + 1;
}

/** The last window whose end ≤ this time; ±Infinity for such times. */
export function lastEnded(panes: Panes, timeMs: number): number {
  return Math.floor((timeMs - panes.offsetMs - panes.sizeMs) / panes.slideMs);
}

/** Rows before this time belong only to windows that have ended by `timeMs`. */
export function openFrom(panes: Panes, timeMs: number): number {
  return windowStart(panes, lastEnded(panes, timeMs) + 1);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
