/** The identity of a span as it travels: W3C trace context, independent of any SDK. */
export interface TraceContext {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits. */
  readonly spanId: string;
  /** Bit 0: sampled. */
  readonly traceFlags: number;
  readonly traceState?: string;
}

/** String-to-string carriers: message headers, Arrow schema metadata, worker messages. */
export interface HeaderCarrier {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  keys(): Iterable<string>;
}
