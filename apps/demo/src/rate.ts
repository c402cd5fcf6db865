/** Rows a second over the last few seconds. */
export interface Rate {
  /** Takes a reading of the running total; gives the rate since the oldest reading kept. */
  next(total: number, nowMs: number): number;
}

export function createRate(windowMs = 3000): Rate {
  const readings: { total: number; atMs: number }[] = [];
  return {
    next(total, nowMs) {
      readings.push({ total, atMs: nowMs });
      while (readings.length > 2 && nowMs - (readings[0]?.atMs ?? nowMs) > windowMs) readings.shift();
      const oldest = readings[0] ?? { total, atMs: nowMs };
      return nowMs === oldest.atMs ? 0 : ((total - oldest.total) / (nowMs - oldest.atMs)) * 1000;
    },
  };
}
