/** What the metrics core could not count, by cause; itself published as a metric. */
export class MeasurementLosses {
  /** Negative amounts on counters, and values that are not finite. */
  invalid = 0;
  /** Series that did not fit the limit and were counted into the overflow series. */
  overflowed = 0;
  /** Reading functions that threw or gave no finite number at a collection. */
  failedReads = 0;
}
