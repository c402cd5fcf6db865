import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Batch, createRowCursor } from '@sabot/columnar';
import { decodeIpcStream } from '@sabot/columnar/ipc';
import { demoErrors } from './errors.js';
import { outputFiles } from './flights-job.js';

/** An airport's hour as the job wrote it. */
export interface AirportHour {
  readonly origin: string;
  readonly city: string | null;
  readonly state: string | null;
  readonly windowStart: number;
  readonly flights: bigint;
  readonly meanDelay: number;
  readonly maxDelay: bigint;
}

export interface Results {
  readonly hours: number;
  readonly flights: bigint;
  readonly airports: number;
  readonly alerts: number;
  readonly lateRows: number;
  /** Highest mean delay first. */
  readonly worstHours: readonly AirportHour[];
}

/** What the job has written so far, read back from its files. */
export function readResults(
  folder: string,
  worst: { readonly hours: number; readonly minimumFlights: bigint },
): Results {
  const origins = new Set<string>();
  const worstHours: AirportHour[] = [];
  let hours = 0;
  let flights = 0n;
  for (const batch of readBatches(join(folder, outputFiles.hours))) {
    hours += batch.numRows;
    for (const hour of hoursOf(batch)) {
      origins.add(hour.origin);
      flights += hour.flights;
      if (hour.flights >= worst.minimumFlights) keepWorst(worstHours, hour, worst.hours);
    }
  }
  return {
    hours,
    flights,
    airports: origins.size,
    alerts: countLines(join(folder, outputFiles.alerts)),
    lateRows: countLines(join(folder, outputFiles.late)),
    worstHours,
  };
}

function readBatches(file: string): readonly Batch[] {
  try {
    return decodeIpcStream(readFileSync(file)).batches;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw demoErrors.error('OUTPUT_DAMAGED', { what: `cannot read "${file}"`, why, cause });
  }
}

/** The cursor is one object for all rows: what is kept must be copied. */
function* hoursOf(batch: Batch): Generator<AirportHour> {
  const cursor = createRowCursor(batch.schema);
  cursor.open(batch);
  for (cursor.row = 0; cursor.row < batch.numRows; cursor.row++) {
    // The file has the schema that the job wrote.
    yield cursor.value as unknown as AirportHour;
  }
}

function keepWorst(kept: AirportHour[], hour: AirportHour, limit: number): void {
  const last = kept.at(-1);
  if (kept.length === limit && last !== undefined && hour.meanDelay <= last.meanDelay) return;
  const { origin, city, state, windowStart, flights, meanDelay, maxDelay } = hour;
  const place = kept.findIndex((other) => other.meanDelay < meanDelay);
  kept.splice(place === -1 ? kept.length : place, 0, {
    origin,
    city,
    state,
    windowStart,
    flights,
    meanDelay,
    maxDelay,
  });
  if (kept.length > limit) kept.pop();
}

function countLines(file: string): number {
  if (!existsSync(file)) return 0;
  const bytes = readFileSync(file);
  let lines = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
}
