import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { csvTable } from '@sabot/joins';
import { type ParquetFileContents, parquetSource } from '@sabot/parquet';
import { airportSchema, flightSchema } from './flights.js';

/** The files that a run reads. */
export interface DemoInput {
  readonly flights: ParquetFileContents;
  readonly airports: string;
  /** Flights come as they took off, not as they were scheduled. */
  readonly asDeparted: boolean;
}

/** The two files that the npm package `vega-datasets` ships: 3,000,000 US flights of 2001, and the airports. */
export function packagedData(): { readonly flights: string; readonly airports: string } {
  const name = 'vega-datasets';
  const entry = createRequire(import.meta.url).resolve(name);
  const data = join(entry.slice(0, entry.lastIndexOf(name) + name.length), 'data');
  return { flights: join(data, 'flights-3m.parquet'), airports: join(data, 'airports.csv') };
}

/**
 * Finds the input and makes sure that it is what the job expects, before anything is written.
 *
 * Errors: those of `parquetSource` and `csvTable`.
 */
export async function checkInput(options: {
  readonly flights: string | undefined;
  readonly airports: string | undefined;
  readonly asDeparted: boolean;
}): Promise<DemoInput> {
  const packaged = packagedData();
  // Absolute: a position belongs to a path, however the path was written.
  const path = resolve(options.flights ?? packaged.flights);
  const { files } = await parquetSource(path, { schema: flightSchema }).inspect();
  const airports = resolve(options.airports ?? packaged.airports);
  await csvTable(airports, { schema: airportSchema, key: 'iata' });
  return { flights: files[0] as ParquetFileContents, airports, asDeparted: options.asDeparted };
}
