/** `850 ns`, `12.3 µs`, `4.21 ms`, `1.50 s`, `2 min 5 s`: three figures that say something. */
export function duration(ms: number): string {
  if (ms < 0.001) return `${Math.round(ms * 1e6)} ns`;
  if (ms < 1) return `${figures(ms * 1000)} µs`;
  if (ms < 1000) return `${figures(ms)} ms`;
  if (ms < 60_000) return `${figures(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${seconds % 60} s`;
}

/** `just now`, `12 s ago`, `3 min ago`, `2 h ago`, `5 d ago`; times to come are `in …`. */
export function relativeTime(timeMs: number, nowMs: number): string {
  const seconds = Math.round((nowMs - timeMs) / 1000);
  if (seconds < 0) return `in ${span(-seconds)}`;
  return seconds < 1 ? 'just now' : `${span(seconds)} ago`;
}

/** `2001-03-14 09:00:00` in UTC of epoch seconds; a dash for 0, with which gauges say that there is none yet or no more. */
export function eventTime(epochSeconds: number): string {
  const time = new Date(epochSeconds * 1000);
  if (epochSeconds === 0 || Number.isNaN(time.getTime())) return '-';
  return time.toISOString().slice(0, 19).replace('T', ' ');
}

export function bytes(count: number): string {
  if (count < 1024) return `${count} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = count;
  let unit = -1;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${figures(value)} ${units[unit]}`;
}

/** `1,234,567`, `0.0421`, `3.14`: whole numbers grouped, others with three figures. */
export function amount(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en-US') : figures(value);
}

function span(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

function figures(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return size >= 1 || size === 0 ? value.toFixed(2) : String(Number(value.toPrecision(3)));
}
