import { InvalidArgumentError } from 'commander';

const DURATION = /^(\d+(?:\.\d+)?)\s*(us|µs|ms|s|m|h|d)?$/;
const MS_PER: Readonly<Record<string, number>> = {
  us: 0.001,
  µs: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `250ms`, `1.5s`, `10m`, `2h`, `1d` as milliseconds; a number alone is milliseconds. */
export function durationMs(text: string): number {
  const [, amount, unit = 'ms'] = DURATION.exec(text.trim()) ?? [];
  if (amount === undefined) throw new InvalidArgumentError('It must be a duration such as 250ms, 1.5s, 10m or 2h.');
  return Number(amount) * (MS_PER[unit] as number);
}

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1) throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return value;
}
