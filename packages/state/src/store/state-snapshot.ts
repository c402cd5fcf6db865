/** A frozen state: either everything (`baseEpoch` null) or what changed since the snapshot of `baseEpoch`. */
export interface StateSnapshot {
  readonly epoch: number;
  readonly baseEpoch: number | null;
  /** Serialised entries with tombstones and a checksum; made lazily, off the batch's path. */
  bytes(): Uint8Array;
  /** Told once the commit record that contains this epoch is durable: the store may now persist it and forget the delta. */
  confirm(): Promise<void>;
  /** Told when the epoch will never commit: its changes belong to the next snapshot. */
  abandon(): void;
}
