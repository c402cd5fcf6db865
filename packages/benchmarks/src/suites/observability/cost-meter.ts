/** What one setting adds to a batch. */
export interface AddedCost {
  readonly bareMicros: number;
  readonly addedMicros: number;
  readonly addedPercent: number;
  readonly addedNsPerRow: number;
}

/** Measures what a setting adds, again and again; see `compare`. */
export interface AddedCostMeter {
  measure(rounds: number): Promise<AddedCost>;
  close(): Promise<void>;
}
