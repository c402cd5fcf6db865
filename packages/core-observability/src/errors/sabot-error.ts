/** How a failure is to be treated: the caller can act, the outside world failed (retry may help), or Sabot has a defect. */
export type ErrorKind = 'usage' | 'operational' | 'bug';

export interface SabotErrorOptions {
  /** What happened, naming the thing: `cannot read "flights.parquet"`. */
  readonly what: string;
  /** Why it happened: `the file ends before its footer`. */
  readonly why: string;
  /** What the reader should do; defaults to the remedy of the code's declaration. */
  readonly remedy?: string;
  /** The failure underneath, kept as `cause`. */
  readonly cause?: unknown;
  /** Extra facts for logs and spans; bounded values only, never secrets. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
}

const brand = Symbol.for('sabot.error');

/** A failure with a stable code that says what happened, why, and what to do. */
export class SabotError extends Error {
  override readonly name = 'SabotError';
  readonly code: string;
  readonly kind: ErrorKind;
  readonly what: string;
  readonly why: string;
  readonly remedy: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;

  constructor(code: string, kind: ErrorKind, options: SabotErrorOptions & { readonly remedy: string }) {
    const cause = options.cause === undefined ? undefined : { cause: options.cause };
    super(`${options.what}: ${options.why}. ${options.remedy} [${code}]`, cause);
    this.code = code;
    this.kind = kind;
    this.what = options.what;
    this.why = options.why;
    this.remedy = options.remedy;
    this.facts = options.facts ?? {};
    // Two copies of the package (ESM beside CommonJS) must still recognise each other's errors.
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether a value is a Sabot error, whichever copy of this package made it. */
export function isSabotError(value: unknown): value is SabotError {
  return typeof value === 'object' && value !== null && brand in value;
}
