import { __camel__Errors } from '../errors.js';

/** An example of a port: replace it by the package's own concept. */
export interface Greeter {
  /** The greeting of one name. */
  greet(name: string): string;
  /** Plain integers that telemetry reads. */
  readonly stats: Readonly<GreeterStats>;
}

export interface GreeterStats {
  /** Greetings given since the start. */
  greetings: number;
}

export interface GreeterOptions {
  /** The word before the name; default `Hello`. */
  readonly word?: string;
}

/**
 * Gives a greeter that puts one word before each name.
 *
 * Errors: `SABOT___NAME___OPTION_INVALID` when `word` is empty.
 *
 * @example createGreeter({ word: 'Hello' }).greet('Ada') // Hello, Ada
 */
export function createGreeter({ word = 'Hello' }: GreeterOptions = {}): Greeter {
  if (word === '') throw __camel__Errors.error('OPTION_INVALID', { what: 'cannot greet', why: '`word` is empty' });
  const stats: GreeterStats = { greetings: 0 };
  return {
    stats,
    greet(name) {
      stats.greetings += 1;
      return `${word}, ${name}`;
    },
  };
}
