/** What the demo shows while it runs; all of it read from the running job. */
export interface Progress {
  /** Flights read since the beginning of the data, earlier runs included. */
  readonly rows: number;
  readonly totalRows: number;
  /** Over the last few updates, this run only. */
  readonly rowsPerSecond: number;
  /** Watermark of the source; -Infinity before the first row. */
  readonly eventTimeMs: number;
  /** How far the slowest operator's watermark is behind the source's. */
  readonly watermarkLagMs: number;
  readonly windows: number;
  readonly lateRows: number;
  readonly alerts: number;
  /** Last committed checkpoint. */
  readonly epoch: number;
  readonly memoryBytes: number;
  readonly elapsedMs: number;
}
