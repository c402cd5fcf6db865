const QUARTER_HOUR = 900_000;
const MS_PER_DAY = 86_400_000;

/** Offsets of one time zone from UTC; computed once per quarter of an hour, on which all changes fall. */
export class ZoneOffsets {
  private readonly known = new Map<number, number>();
  private readonly format: Intl.DateTimeFormat;

  constructor(zone: string) {
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  static isZone(zone: string): boolean {
    try {
      new Intl.DateTimeFormat('en-US', { timeZone: zone });
      return true;
    } catch {
      return false;
    }
  }

  /** Milliseconds to add to an instant to get the zone's wall clock; 0 outside the years that JavaScript knows. */
  offsetMs(epochMs: number): number {
    const quarter = Math.floor(epochMs / QUARTER_HOUR);
    let offset = this.known.get(quarter);
    if (offset === undefined) {
      offset = Math.abs(epochMs) < 8.64e15 ? this.compute(quarter * QUARTER_HOUR) : 0;
      if (this.known.size > 100_000) this.known.clear();
      this.known.set(quarter, offset);
    }
    return offset;
  }

  /**
   * What to take from a wall clock to get the instant, as Temporal's `compatible`: a time that a change shows twice is the
   * earlier one, one that it leaves out is moved on by the change.
   */
  wallOffsetMs(wallMs: number): number {
    const before = this.offsetMs(wallMs - MS_PER_DAY);
    const after = this.offsetMs(wallMs + MS_PER_DAY);
    const isAfter = this.offsetMs(wallMs - before) !== before && this.offsetMs(wallMs - after) === after;
    return isAfter ? after : before;
  }

  private compute(epochMs: number): number {
    const parts: Record<string, string> = {};
    for (const { type, value } of this.format.formatToParts(epochMs)) parts[type] = value;
    const year = parts['era'] === 'BC' ? 1 - Number(parts['year']) : Number(parts['year']);
    const wall = new Date(0);
    wall.setUTCFullYear(year, Number(parts['month']) - 1, Number(parts['day']));
    wall.setUTCHours(Number(parts['hour']), Number(parts['minute']), Number(parts['second']));
    return wall.getTime() - epochMs;
  }
}
