import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parquetSource } from '@sabot/parquet';
import { flightSchema } from './flights.js';

/** The files that a run reads. */
export interface DemoInput {
  readonly flights: string;
  readonly airports: string;
  /** Rows of the flights file. */
  readonly totalRows: number;
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
 * Errors: those of `parquetSource`.
 */
export async function checkInput(options: {
  readonly flights: string | undefined;
  readonly airports: string | undefined;
}): Promise<DemoInput> {
  const packaged = packagedData();
  const flights = options.flights ?? packaged.flights;
  const { rows } = await parquetSource(flights, { schema: flightSchema }).inspect();
  return { flights, airports: options.airports ?? packaged.airports, totalRows: rows };
}
