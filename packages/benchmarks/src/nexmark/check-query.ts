import { type Batch, rowsOf } from '@sabot/columnar';
import { defineJob, forEachSink, type StartJobOptions, startJob } from '@sabot/stream';
import { CHANGE_COLUMN, DELETE, UPDATE_BEFORE } from '@sabot/stream/changelog';
import { nexmarkModel } from './generator/model.js';
import { type NexmarkEvent, nexmarkEvents } from './generator/rows.js';
import { type NexmarkStreamOptions, nexmarkStreams } from './nexmark-streams.js';
import { nexmarkOracles } from './oracles/oracles.js';
import { type NexmarkQueryName, nexmarkQueries } from './queries/queries.js';

/** How a query's rows and its oracle's differ; equal ones have no differences. */
export interface QueryCheck {
  /** Rows put out; of a table, those that it holds in the end. */
  readonly rows: number;
  readonly expectedRows: number;
  /** Up to three rows of each kind, as JSON. */
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

/** Runs a query over generated events and compares its rows with the oracle's, in any order, every value of them. */
export async function checkQuery(
  name: NexmarkQueryName,
  options: NexmarkStreamOptions,
  { events = [...nexmarkEvents(nexmarkModel(options))], job = {} }: CheckOptions = {},
): Promise<QueryCheck> {
  const counted = new Map<string, number>();
  const count = (row: string, by: number) => counted.set(row, (counted.get(row) ?? 0) + by);
  let rows = 0;
  const sink = forEachSink((batch: Batch) => {
    for (const row of rowsOf(batch)) {
      const { [CHANGE_COLUMN]: change, ...columns } = row as Readonly<Record<string, unknown>>;
      // A table is what its changes leave behind.
      const by = change === UPDATE_BEFORE || change === DELETE ? -1 : 1;
      rows += by;
      count(asText(columns), by);
    }
  });
  const running = await startJob(defineJob(name, [nexmarkQueries[name](nexmarkStreams(options)).to(sink)]), job);
  await running.done;
  const expected = nexmarkOracles[name](events);
  for (const row of expected) count(asText(row), -1);
  const differing = (sign: 1 | -1) =>
    [...counted].flatMap(([row, difference]) => (difference * sign > 0 ? row : [])).slice(0, 3);
  return { rows, expectedRows: expected.length, missing: differing(-1), unexpected: differing(1) };
}

export interface CheckOptions {
  /** The events of these options, when they are there already. */
  readonly events?: readonly NexmarkEvent[];
  /** How to run the job. */
  readonly job?: StartJobOptions;
}

/** A row by its columns' names, integers of any width alike. */
function asText(row: Readonly<Record<string, unknown>>): string {
  const columns = Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]);
  return JSON.stringify(columns.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}
