import { expect } from 'vitest';

export type Row = Readonly<Record<string, unknown>>;

interface Expected<R> {
  readonly key: (row: Partial<R>) => string;
  /** Columns that must be the same. */
  readonly same: readonly (keyof R & string)[];
  /** Columns of which the difference is at most 1e-9. */
  readonly close: readonly (keyof R & string)[];
}

/** Every row that is expected is there once and equal, and no other one. */
export function expectRows<R extends object>(actual: readonly Row[], expected: readonly R[], how: Expected<R>): void {
  const byKey = new Map(actual.map((row) => [how.key(row as Partial<R>), row]));
  expect(byKey.size, 'rows of one key').toBe(actual.length);
  expect(actual.length).toBe(expected.length);
  const wrong = expected.filter((row) => {
    const found = byKey.get(how.key(row));
    if (found === undefined) return true;
    return (
      !how.same.every((name) => found[name] === row[name]) ||
      !how.close.every((name) => isClose(found[name], row[name]))
    );
  });
  expect(wrong.slice(0, 3)).toEqual([]);
}

function isClose(actual: unknown, expected: unknown): boolean {
  return typeof actual === 'number' && typeof expected === 'number' && Math.abs(actual - expected) <= 1e-9;
}

/** An airport's window. */
export const windowKey = (row: { readonly origin?: unknown; readonly windowStart?: unknown }) =>
  `${row.origin} ${row.windowStart}`;
