const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export function count(value: number | bigint): string {
  return whole.format(value);
}

export function decimal(value: number): string {
  return oneDigit.format(value);
}

/** `2001-03-14 09:00`; a dash before the first row, `end` after the last. */
export function eventTime(timeMs: number): string {
  if (timeMs === Number.POSITIVE_INFINITY) return 'end';
  return Number.isFinite(timeMs) ? new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ') : '-';
}

/** Milliseconds as the units that read best: `850 ms`, `12.3 s`, `4 min 10 s`, `3 h 5 min`, `17 d 8 h`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${whole.format(ms)} ms`;
  if (ms < 60_000) return `${oneDigit.format(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  const [minutes, hours, days] = [60, 3600, 86_400].map((size) => Math.floor(seconds / size)) as [
    number,
    number,
    number,
  ];
  if (days > 0) return `${whole.format(days)} d ${hours % 24} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min ${seconds % 60} s`;
}

/** Bytes in megabytes of 10⁶. */
export function megabytes(bytes: number): string {
  return `${oneDigit.format(bytes / 1e6)} MB`;
}

/** Pads on the right, or on the left for numbers, so that columns line up. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  rightAligned: readonly number[],
): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return rightAligned.includes(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [line(header), ...rows.map(line)].map((text) => `  ${text}`).join('\n');
}
