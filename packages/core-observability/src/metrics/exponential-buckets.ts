/** Buckets at most on each side of zero; the specification's default. */
const MAX_BUCKETS = 160;
const MAX_SCALE = 20;
const MIN_SCALE = -10;

/** The buckets of one sign: bucket `offset + i` counts values in (base^(offset+i), base^(offset+i+1)]. */
export interface ExponentialSide {
  readonly offset: number;
  readonly counts: readonly number[];
}

/** A base-2 exponential histogram: base = 2^(2^-scale). */
export interface ExponentialDistribution {
  readonly scale: number;
  readonly zeroCount: number;
  readonly positive: ExponentialSide;
  readonly negative: ExponentialSide;
}

/**
 * Counts values into buckets whose width is a share of their value, so that quantiles of any range of durations are known
 * within a few percent without choosing boundaries.
 * Algorithm: OpenTelemetry, "Base2 Exponential Bucket Histogram": begin at the finest scale; when the values do not fit
 * 160 buckets, halve the resolution and merge neighbours. State: 320 floats. Cost: one logarithm.
 */
export class ExponentialBuckets {
  private readonly positive = new Side();
  private readonly negative = new Side();
  private scale = MAX_SCALE;
  private zeroCount = 0;

  record(value: number): void {
    if (value === 0) {
      this.zeroCount++;
      return;
    }
    const side = value > 0 ? this.positive : this.negative;
    const magnitude = Math.abs(value);
    let index = indexOf(magnitude, this.scale);
    const excess = side.excessScale(index);
    if (excess > 0) {
      const steps = Math.min(excess, this.scale - MIN_SCALE);
      this.positive.downscale(steps);
      this.negative.downscale(steps);
      this.scale -= steps;
      index = indexOf(magnitude, this.scale);
    }
    side.increment(index);
  }

  read(): ExponentialDistribution {
    return {
      scale: this.scale,
      zeroCount: this.zeroCount,
      positive: this.positive.read(),
      negative: this.negative.read(),
    };
  }
}

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);

const MIN_EXPONENT = -1022;

/**
 * The bucket of a positive value at a scale. The exponent is read from the bits and only the mantissa goes through the
 * logarithm: near a power of two the logarithm of the whole value would round to it.
 */
export function indexOf(value: number, scale: number): number {
  float[0] = value;
  const high = words[1] as number;
  const exponent = ((high >>> 20) & 0x7ff) - 1023;
  // Below the smallest normal number everything shares the bucket above it.
  if (exponent < MIN_EXPONENT) return scale > 0 ? MIN_EXPONENT * 2 ** scale : MIN_EXPONENT >> -scale;
  // An exact power of two is the upper bound of its bucket.
  const isPower = (high & 0xfffff) === 0 && words[0] === 0;
  if (scale <= 0) return (isPower ? exponent - 1 : exponent) >> -scale;
  if (isPower) return exponent * 2 ** scale - 1;
  words[1] = (high & 0xfffff) | (1023 << 20);
  const perOctave = 2 ** scale;
  return exponent * perOctave + Math.max(1, Math.ceil(Math.log2(float[0]) * perOctave)) - 1;
}

/** A window of buckets over consecutive indexes. */
class Side {
  private counts = new Float64Array(MAX_BUCKETS);
  private low = 0;
  private high = -1;

  /** By how much the scale must fall so that `index` fits the window. */
  excessScale(index: number): number {
    if (this.high < this.low) return 0;
    let low = Math.min(this.low, index);
    let high = Math.max(this.high, index);
    let steps = 0;
    while (high - low >= MAX_BUCKETS) {
      low >>= 1;
      high >>= 1;
      steps++;
    }
    return steps;
  }

  downscale(steps: number): void {
    if (this.high < this.low || steps === 0) return;
    const merged = new Float64Array(MAX_BUCKETS);
    const low = this.low >> steps;
    for (let index = this.low; index <= this.high; index++) {
      const at = (index >> steps) - low;
      merged[at] = (merged[at] as number) + (this.counts[index - this.low] as number);
    }
    this.counts = merged;
    this.high >>= steps;
    this.low = low;
  }

  increment(index: number): void {
    if (this.high < this.low) {
      this.low = index;
      this.high = index;
    } else if (index < this.low) {
      this.counts.copyWithin(this.low - index, 0, this.high - this.low + 1);
      this.counts.fill(0, 0, this.low - index);
      this.low = index;
    } else if (index > this.high) {
      this.high = index;
    }
    const at = index - this.low;
    this.counts[at] = (this.counts[at] as number) + 1;
  }

  read(): ExponentialSide {
    if (this.high < this.low) return { offset: 0, counts: [] };
    return { offset: this.low, counts: Array.from(this.counts.subarray(0, this.high - this.low + 1)) };
  }
}
