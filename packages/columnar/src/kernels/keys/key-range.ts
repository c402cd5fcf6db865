/** The least and greatest of signed 64-bit integers given as (low, high) words. */
export class KeyRange {
  isEmpty = true;
  leastLow = 0;
  leastHigh = 0;
  private mostLow = 0;
  private mostHigh = 0;

  add(low: number, high: number): void {
    if (this.isEmpty) {
      this.isEmpty = false;
      this.leastLow = this.mostLow = low;
      this.leastHigh = this.mostHigh = high;
      return;
    }
    if (high < this.leastHigh || (high === this.leastHigh && low >>> 0 < this.leastLow >>> 0)) {
      this.leastLow = low;
      this.leastHigh = high;
    }
    if (high > this.mostHigh || (high === this.mostHigh && low >>> 0 > this.mostLow >>> 0)) {
      this.mostLow = low;
      this.mostHigh = high;
    }
  }

  /** How many integers lie from the least to the greatest; Infinity from 2^31 on, or where their high words differ. */
  span(): number {
    if (this.isEmpty) return 0;
    const span = (this.mostLow >>> 0) - (this.leastLow >>> 0) + 1;
    return this.leastHigh === this.mostHigh && span < 2 ** 31 ? span : Number.POSITIVE_INFINITY;
  }
}
