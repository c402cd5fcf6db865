import { type Batch, type Fields, type RowOf, rowsOf } from '@sabot/columnar';
import type { Emitted } from './operator-harness.js';

/** The column of a changelog that says what a row does. */
const CHANGE_COLUMN = '$change';
/** By change: +I, -U, +U, -D. */
const EFFECTS = [1, -1, 1, -1];

/** The rows of every port in order; of a changelog, the rows that it adds up to, in the order of their text. */
export function resultsOf(emitted: readonly Emitted[]): Readonly<Record<number, readonly unknown[]>> {
  const ports: Record<number, Batch[]> = {};
  for (const item of emitted) {
    if (!('batch' in item)) continue;
    ports[item.port] ??= [];
    ports[item.port]?.push(item.batch);
  }
  const entries = Object.entries(ports).map(([port, batches]) => {
    const rows = batches.flatMap((batch) => [...rowsOf(batch)]);
    const isChangelog = batches[0]?.schema.names.includes(CHANGE_COLUMN) === true;
    return [port, isChangelog ? materialised(rows) : rows] as const;
  });
  return Object.fromEntries(entries);
}

function materialised(rows: readonly RowOf<Fields>[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { [CHANGE_COLUMN]: change, ...row } of rows) {
    const text = JSON.stringify(row, (_name, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
    counts.set(text, (counts.get(text) ?? 0) + (EFFECTS[Number(change)] as number));
  }
  return [...counts]
    .filter(([, count]) => count !== 0)
    .map(([text, count]) => `${count} × ${text}`)
    .sort();
}
