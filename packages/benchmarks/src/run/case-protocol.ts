import type { Sample } from '../suite/suite.js';

/** What the process of a case is told on its command line, as JSON. */
export interface CaseRequest {
  readonly suite: string;
  readonly name: string;
  readonly contenders: readonly string[];
  readonly iterations: number;
}

/** What it says while it works, one message each over the channel of `fork`. */
export type CaseMessage =
  | { readonly kind: 'sample'; readonly contender: string; readonly sample: Sample; readonly loadAverage: number }
  | { readonly kind: 'not-installed'; readonly contender: string }
  | { readonly kind: 'failed'; readonly contender: string; readonly reason: string };
