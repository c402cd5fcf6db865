/** What an operation leaves behind: one number (or bool), a (low, high) pair, four words, a string (bytes, start, end), an object. */
export type ResultShape = 'number' | 'pair' | 'quad' | 'text' | 'object';

/**
 * One operation on registers, once as code and once as a function: the compiler prints the code, the interpreter calls
 * the function, and a test holds the two equal. `text` results and the words after the first come through OUT.
 */
export interface Operation {
  readonly result: ResultShape;
  /** JavaScript for the result; null prints a call of the function under the operation's name. */
  readonly code: ((...args: readonly string[]) => string) | null;
  readonly run: (...args: never[]) => unknown;
}

type Numeric = (...args: number[]) => number | boolean;

/** An operation that is printed into the loop. */
export function inline(code: (...args: readonly string[]) => string, run: Numeric): Operation {
  return { result: 'number', code, run };
}

/** An operation that the loop calls. */
export function called(run: (...args: never[]) => unknown, result: ResultShape = 'number'): Operation {
  return { result, code: null, run };
}
