import { type Batch, batchBytes, type Fields, projectSchema, type Schema, selectColumns } from '@sabot/columnar';
import { isSabotError } from '@sabot/core-observability/errors';
import { type CsvSourceOptions, csvSource, type Source } from '@sabot/stream';
import { joinsErrors } from '../errors.js';
import { keyColumns, type MemoryTable, type TableOptions, tableFromBatches } from './memory-table.js';

export interface TableSourceOptions<K extends string, C extends string = K> extends TableOptions<K> {
  /** The columns to load; the key must be among them. Default all. */
  readonly columns?: readonly C[];
  /** Stops the loading. */
  readonly signal?: AbortSignal;
  /** Loading a table larger than this fails; default 256 MiB. */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;
const BATCH_ROWS = 8192;
const QUIET_SOURCE_PAUSE_MS = 5;

/**
 * Reads a bounded source to its end and gives the last row of each key as a table.
 *
 * Splits are read in the source's order, which decides what "last" means across files.
 * Errors: `TABLE_UNBOUNDED`, `COLUMN_UNKNOWN`, `TABLE_TOO_LARGE`, `TABLE_LOAD_FAILED` (also when stopped by the
 * signal), and whatever coded error the source itself gives.
 */
export async function tableFromSource<
  F extends Fields,
  const K extends keyof F & string,
  const C extends keyof F & string = keyof F & string,
>(source: Source<F>, options: TableSourceOptions<K, C | K>): Promise<MemoryTable<Pick<F, C | K>, K>> {
  const name = options.name ?? source.name;
  if (!source.bounded) {
    throw joinsErrors.error('TABLE_UNBOUNDED', { what: `cannot load table "${name}"`, why: 'its source never ends' });
  }
  const columns = options.columns ?? (source.schema.names as readonly (C | K)[]);
  const schema = projected(source.schema, columns, name);
  const key = typeof options.key === 'string' ? [options.key] : options.key;
  keyColumns({ label: `table "${name}"`, schema }, key);
  const batches = await readToEnd(source, schema, name, options);
  return tableFromBatches(schema, batches, { key, name });
}

/**
 * Reads a CSV file to its end and gives the last row of each key as a table.
 *
 * Errors: as `tableFromSource`, and those of `csvSource` for a file that cannot be read or decoded.
 */
export async function csvTable<
  F extends Fields,
  const K extends keyof F & string,
  const C extends keyof F & string = keyof F & string,
>(path: string, options: CsvSourceOptions<F> & TableSourceOptions<K, C | K>): Promise<MemoryTable<Pick<F, C | K>, K>> {
  return tableFromSource<F, K, C>(csvSource<F>(path, options), options);
}

function projected<F extends Fields, C extends keyof F & string>(
  schema: Schema<F>,
  columns: readonly C[],
  name: string,
): Schema<Pick<F, C>> {
  keyColumns({ label: `the source of table "${name}"`, schema }, columns);
  return projectSchema(schema, columns);
}

async function readToEnd<F extends Fields, C extends keyof F & string>(
  source: Source<F>,
  schema: Schema<Pick<F, C>>,
  name: string,
  options: { readonly signal?: AbortSignal; readonly maxBytes?: number },
): Promise<Batch<Pick<F, C>>[]> {
  const signal = options.signal ?? new AbortController().signal;
  const batches: Batch<Pick<F, C>>[] = [];
  let bytes = 0;
  const take = (batch: Batch): void => {
    // The source promises its own schema; `selectColumns` checks that the columns are there.
    batches.push(selectColumns(batch as Batch<F>, schema.names));
    bytes += batchBytes(batches.at(-1) as Batch);
    if (bytes > (options.maxBytes ?? DEFAULT_MAX_BYTES)) throw tooLarge(name, bytes);
  };
  try {
    for (const split of await source.splits()) {
      const reader = await source.read(split, undefined, { columns: schema.names, batchRows: BATCH_ROWS });
      try {
        for (let polled = await reader.poll(signal); polled.kind !== 'end'; polled = await reader.poll(signal)) {
          signal.throwIfAborted();
          if (polled.kind === 'batch') take(polled.batch);
          else await new Promise((resolve) => setTimeout(resolve, QUIET_SOURCE_PAUSE_MS));
        }
      } finally {
        await reader.close();
      }
    }
  } catch (cause) {
    throw isSabotError(cause) ? cause : loadFailed(name, cause);
  }
  return batches;
}

function tooLarge(name: string, bytes: number): Error {
  return joinsErrors.error('TABLE_TOO_LARGE', {
    what: `cannot load table "${name}"`,
    why: `it has reached ${bytes} bytes`,
    facts: { bytes },
  });
}

function loadFailed(name: string, cause: unknown): Error {
  return joinsErrors.error('TABLE_LOAD_FAILED', {
    what: `cannot load table "${name}"`,
    why: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}
