import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { type Batch, rowsOf, sameSchema, selectColumns } from '@sabot/columnar';
import type { Source, SourceSplit, SplitPosition } from '../ports/source.js';
import type { ConformanceCase } from './conformance-case.js';

interface Reading {
  readonly batches: readonly Batch[];
  readonly positions: readonly SplitPosition[];
}

/** The rules of a bounded `Source`; `open` gives one over the same rows each time, at least one of them. */
export function sourceConformance(name: string, open: () => Source | Promise<Source>): readonly ConformanceCase[] {
  return rules.map(([rule, check]) => ({ name: `${name} ${rule}`, run: async () => check(await open()) }));
}

async function readSplit(
  source: Source,
  split: SourceSplit,
  batchRows: number,
  from?: SplitPosition,
  columns?: readonly string[],
): Promise<Reading> {
  const reader = await source.read(split, from, { columns, batchRows });
  const batches: Batch[] = [];
  const positions: SplitPosition[] = [];
  try {
    for (;;) {
      const polled = await reader.poll(new AbortController().signal);
      if (polled.kind === 'end') return { batches, positions };
      if (polled.kind === 'empty') continue;
      batches.push(polled.batch);
      positions.push(polled.position);
    }
  } finally {
    await reader.close();
  }
}

const rowsIn = (batches: readonly Batch[]) => batches.flatMap((batch) => [...rowsOf(batch)]);

const rules: readonly (readonly [name: string, check: (source: Source) => Promise<void>])[] = [
  ['names the same splits each time', async (source) => deepStrictEqual(await source.splits(), await source.splits())],
  [
    'gives batches of its schema, and the same rows whatever the batch size',
    async (source) => {
      for (const split of await source.splits()) {
        const whole = await readSplit(source, split, 100_000);
        ok(rowsIn(whole.batches).length > 0, 'the source under test has no rows');
        for (const batch of whole.batches) ok(sameSchema(batch.schema, source.schema));
        for (const batchRows of [1, 3]) {
          deepStrictEqual(rowsIn((await readSplit(source, split, batchRows)).batches), rowsIn(whole.batches));
        }
      }
    },
  ],
  [
    'goes on behind every position it has given, which survives JSON',
    async (source) => {
      for (const split of await source.splits()) {
        const { batches, positions } = await readSplit(source, split, 2);
        for (const [at, position] of positions.entries()) {
          const stored = JSON.parse(JSON.stringify(position)) as SplitPosition;
          const rest = await readSplit(source, split, 2, stored);
          deepStrictEqual(rowsIn(rest.batches), rowsIn(batches.slice(at + 1)));
        }
      }
    },
  ],
  [
    'reads only the columns asked for',
    async (source) => {
      const [split] = await source.splits();
      const columns = [source.schema.names.at(-1) as string];
      const all = await readSplit(source, split as SourceSplit, 100_000);
      const some = await readSplit(source, split as SourceSplit, 100_000, undefined, columns);
      deepStrictEqual(some.batches[0]?.schema.names, columns);
      deepStrictEqual(rowsIn(some.batches), rowsIn(all.batches.map((batch) => selectColumns(batch, columns))));
    },
  ],
  [
    'can be closed before it has been read, and twice',
    async (source) => {
      const [split] = await source.splits();
      const reader = await source.read(split as SourceSplit, undefined, { columns: undefined, batchRows: 1 });
      await reader.close();
      await reader.close();
      strictEqual(source.bounded, true);
    },
  ],
];
