import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Batch, createRowCursor } from '@sabot/columnar';
import { decodeIpcStream } from '@sabot/columnar/ipc';
import { demoErrors } from './errors.js';
import { outputFiles } from './job-names.js';

/** A window of an airport as the job wrote it. */
export interface AirportWindow {
  readonly origin: string;
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly flights: bigint;
  /** Minutes. */
  readonly meanDelay: number;
}

/** An airport's hour; city and state are null for an airport that the airports file does not have. */
export interface AirportHour extends AirportWindow {
  readonly city: string | null;
  readonly state: string | null;
  readonly maxDelay: bigint;
}

/** How many rows a file has, and those that rank highest, highest first. */
export interface Ranking<R> {
  readonly count: number;
  readonly top: readonly R[];
}

export interface Results {
  readonly flights: bigint;
  readonly airports: number;
  /** By mean delay, of those with enough flights. */
  readonly hours: Ranking<AirportHour>;
  /** By mean delay. */
  readonly jams: Ranking<AirportWindow>;
  /** By flights. */
  readonly bursts: Ranking<AirportWindow>;
  readonly alerts: number;
  readonly lateRows: number;
}

/** What the job has written so far, read back from its files. */
export function readResults(folder: string, minimumFlights: bigint): Results {
  const origins = new Set<string>();
  let flights = 0n;
  const hours = ranking<AirportHour>(join(folder, outputFiles.hours), 5, (hour) => {
    origins.add(hour.origin);
    flights += hour.flights;
    return hour.flights >= minimumFlights ? hour.meanDelay : undefined;
  });
  return {
    flights,
    airports: origins.size,
    hours,
    jams: ranking<AirportWindow>(join(folder, outputFiles.jams), 3, (jam) => jam.meanDelay),
    bursts: ranking<AirportWindow>(join(folder, outputFiles.bursts), 3, (burst) => Number(burst.flights)),
    alerts: countLines(join(folder, outputFiles.alerts)),
    lateRows: countLines(join(folder, outputFiles.late)),
  };
}

/** Sees every row; the rank of a row that is out of the question is undefined. */
function ranking<R>(file: string, limit: number, rankOf: (row: R) => number | undefined): Ranking<R> {
  const best: { readonly rank: number; readonly row: R }[] = [];
  let count = 0;
  for (const batch of readBatches(file)) {
    const cursor = createRowCursor(batch.schema);
    cursor.open(batch);
    // The file has the schema that the job wrote.
    const row = cursor.value as R;
    count += batch.numRows;
    for (cursor.row = 0; cursor.row < batch.numRows; cursor.row++) {
      const rank = rankOf(row);
      if (rank === undefined || (best.length === limit && rank <= (best.at(-1)?.rank ?? 0))) continue;
      const place = best.findIndex((other) => other.rank < rank);
      // The cursor is one object for all rows: what is kept must be copied.
      best.splice(place === -1 ? best.length : place, 0, { rank, row: { ...row } });
      best.length = Math.min(best.length, limit);
    }
  }
  return { count, top: best.map(({ row }) => row) };
}

function readBatches(file: string): readonly Batch[] {
  try {
    return decodeIpcStream(readFileSync(file)).batches;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw demoErrors.error('OUTPUT_DAMAGED', { what: `cannot read "${file}"`, why, cause });
  }
}

function countLines(file: string): number {
  if (!existsSync(file)) return 0;
  const bytes = readFileSync(file);
  let lines = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
}
