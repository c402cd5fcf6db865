import type { NexmarkQueryName } from '../../nexmark/queries/queries.js';
import type { BenchmarkCase, Suite } from '../../suite/suite.js';
import { duckdb } from './duckdb-contender.js';
import { forAwait, rxjs } from './row-contenders.js';
import { type RowQueryName, rowPrograms } from './row-programs.js';
import { sabot } from './sabot-contender.js';

/** Published rates of Flink per core, events per second, generator included. Source: nexmark/nexmark's results. */
const FLINK: Readonly<Partial<Record<NexmarkQueryName, number>>> = {
  ...{ q0: 155_000, q1: 158_000, q2: 175_000, q3: 152_000, q4: 34_000, q5: 22_000, q7: 12_000, q8: 146_000 },
  ...{ q9: 14_000, q11: 40_000, q13: 131_000, q15: 72_000, q16: 19_000, q17: 117_000, q18: 54_000, q19: 44_000 },
  q20: 19_000,
};

/** Nexmark, end to end: from generating an event to the result in a sink. */
export const streamSuite: Suite = {
  name: 'stream',
  what: 'Nexmark on one core, events generated while a query runs, metrics on and traces at 1 %.',
  cases: (Object.keys(FLINK) as NexmarkQueryName[]).map(caseOf),
};

function caseOf(query: NexmarkQueryName): BenchmarkCase {
  const flink = FLINK[query] ?? Number.NaN;
  return {
    name: query,
    what: 'Events of all kinds per second. DuckDB works on whole tables, filled beforehand; the others generate events in the time measured, rxjs and for await as objects.',
    unit: 'events/s',
    better: 'higher',
    baseline: 'sabot',
    contenders: [
      sabot(query, 'every column'),
      sabot(query, 'pruned'),
      ...(isCore(query) ? [duckdb(query), rxjs(query), forAwait(query)] : []),
    ],
    references: { 'Flink per core': flink, '× 20': flink * 20, '× 100': flink * 100 },
  };
}

function isCore(query: string): query is RowQueryName {
  return Object.hasOwn(rowPrograms, query);
}
