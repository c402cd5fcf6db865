/** A message of a log as read back. */
export interface LogMessage {
  /** 1 for the first message of a topic, then contiguous. */
  readonly sequence: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly payload: Uint8Array;
}

export interface LogAppend {
  readonly payload: Uint8Array;
  readonly headers?: ReadonlyMap<string, string>;
  /** A second append with the same id (within the log's window) is not stored again. */
  readonly messageId?: string;
}

/** An ordered, durable sequence of messages per topic: what sources read, sinks write and engines build on. */
export interface Log {
  /**
   * Appends all messages or none; resolves, when durable by the log's fsync policy, with the last sequence.
   * `expectedLast`: fails with `SABOT_STREAM_FENCED` unless the topic's last sequence is this.
   */
  append(topic: string, messages: readonly LogAppend[], options?: { readonly expectedLast?: number }): Promise<number>;
  /** Up to `limit` messages from `from` (inclusive); empty at the end. Fails with a coded error if `from` was truncated away. */
  read(topic: string, from: number, limit: number): Promise<readonly LogMessage[]>;
  /** Sequence of the last message; 0 for an empty or unknown topic. */
  last(topic: string): Promise<number>;
  /** Drops messages below `before`. */
  truncate(topic: string, before: number): Promise<void>;
}
