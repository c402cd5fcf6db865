import { streamErrors } from '../errors.js';
import type { Log } from '../ports/log.js';

/** A log as its owner holds it: it also says where a topic begins, and is closed. */
export interface OpenLog extends Log {
  /** Sequence of the oldest message still kept; one past the last when everything was truncated; 1 for an unknown topic. */
  first(topic: string): Promise<number>;
  /** Waits for appends under way and releases the files. */
  close(): Promise<void>;
}

/** How many message ids per topic are remembered for deduplication, when the options do not say. */
export const DEFAULT_DEDUP_WINDOW = 16_384;

/** Throws the coded error of a conditional append that lost. */
export function assertExpectedLast(topic: string, last: number, expected: number | undefined): void {
  if (expected === undefined || expected === last) return;
  throw streamErrors.error('FENCED', {
    what: `cannot append to topic "${topic}"`,
    why: `its last sequence is ${last}, not the expected ${expected}`,
    facts: { last, expected },
  });
}

/** Throws the coded error of a read below the first kept message. */
export function assertNotTruncated(topic: string, from: number, first: number): void {
  if (from >= first) return;
  throw streamErrors.error('LOG_TRUNCATED', {
    what: `cannot read topic "${topic}" from sequence ${from}`,
    why: `messages below ${first} have been truncated away`,
    facts: { first, from },
  });
}
