import { deepStrictEqual } from 'node:assert/strict';
import { type Batch, batchOf, defineSchema, type Fields, float64, type Schema, utf8 } from '@sabot/columnar';
import type { PreparedCommit, Sink, SinkWriter } from '../ports/sink.js';
import type { ConformanceCase } from './conformance-case.js';

/** What the sinks under test are given. */
export interface SinkColumns extends Fields {
  readonly key: ReturnType<typeof utf8>;
  readonly value: ReturnType<typeof float64>;
}

const schema: Schema<SinkColumns> = defineSchema({ key: utf8(), value: float64() });

/** A sink over one place, and how to read back what is final there. */
export interface SinkUnderTest {
  readonly sink: Sink<SinkColumns>;
  /** The `value` column of everything final, in order. */
  read(): Promise<readonly number[]>;
}

/** The rules of an exactly-once `Sink` of the columns `key: utf8, value: float64`; `open` gives a fresh place each time. */
export function sinkConformance(
  name: string,
  open: () => SinkUnderTest | Promise<SinkUnderTest>,
): readonly ConformanceCase[] {
  return rules.map(([rule, check]) => ({ name: `${name} ${rule}`, run: async () => check(await open()) }));
}

function batch(...values: readonly number[]): Batch {
  return batchOf(schema, { key: values.map((value) => `k${value}`), value: values });
}

async function writer({ sink }: SinkUnderTest, committed?: PreparedCommit): Promise<SinkWriter> {
  const opened = await sink.open({ sinkId: 'sink', schema, committed, signal: new AbortController().signal });
  if (committed !== undefined) await opened.commit(committed);
  return opened;
}

const rules: readonly (readonly [name: string, check: (under: SinkUnderTest) => Promise<void>])[] = [
  [
    'has every committed row, in order, when it is closed as finished',
    async (under) => {
      const first = await writer(under);
      await first.write(batch(1, 2));
      await first.write(batch(3));
      await first.commit(await first.prepare(1));
      await first.write(batch(4));
      await first.commit(await first.prepare(2));
      await first.close(true);
      deepStrictEqual(await under.read(), [1, 2, 3, 4]);
    },
  ],
  [
    'forgets what was written behind the last record, and goes on there',
    async (under) => {
      const first = await writer(under);
      await first.write(batch(1));
      const committed = await first.prepare(1);
      await first.commit(committed);
      await first.write(batch(2, 3));
      await first.prepare(2);
      await first.write(batch(4));
      await first.close(false);
      const second = await writer(under, JSON.parse(JSON.stringify(committed)) as PreparedCommit);
      await second.write(batch(5));
      await second.commit(await second.prepare(3));
      await second.close(true);
      deepStrictEqual(await under.read(), [1, 5]);
    },
  ],
  [
    'makes a recorded epoch final after a stop between record and commit, however often it is committed',
    async (under) => {
      const first = await writer(under);
      await first.write(batch(1, 2));
      const committed = await first.prepare(1);
      await first.close(false);
      const second = await writer(under, committed);
      await second.commit(committed);
      await second.commit(await second.prepare(2));
      await second.close(true);
      deepStrictEqual(await under.read(), [1, 2]);
    },
  ],
  [
    'begins anew without a record',
    async (under) => {
      const first = await writer(under);
      await first.write(batch(1));
      await first.prepare(1);
      await first.close(false);
      const second = await writer(under);
      await second.write(batch(2));
      await second.commit(await second.prepare(1));
      await second.close(true);
      deepStrictEqual(await under.read(), [2]);
    },
  ],
];
