import type { Register } from './operations.js';

/** What a cast gives: registers, and where the value does not fit the type (null: always fits). */
export interface Converted {
  readonly parts: readonly Register[];
  readonly bad: Register | null;
}
