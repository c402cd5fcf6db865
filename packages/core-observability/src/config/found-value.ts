/** Where an effective value came from. */
export interface ConfigOrigin {
  readonly source: 'flag' | 'env' | 'otel-env' | 'file' | 'default';
  /** The flag, the variable or the path of the file; for a default, the word `default`. */
  readonly name: string;
}

/** A value with its origin, before it is checked. */
export interface FoundValue {
  readonly value: unknown;
  readonly origin: ConfigOrigin;
}
