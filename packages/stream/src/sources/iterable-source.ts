import { type Batch, createBatchBuilder, type Fields, type RowOf, type Schema } from '@sabot/columnar';
import type { Polled, Source } from '../ports/source.js';
import { type NamedSourceOptions, requireSchema } from './memory-source.js';
import { selectedColumns } from './selected-columns.js';

/** What can be read again from its beginning: an array, or a function that makes a fresh iterable. */
export type Replayable<V> = readonly V[] | (() => Iterable<V> | AsyncIterable<V>);

/**
 * A bounded source of batches from an array or a function that makes an iterable. After a restart the iterable is made
 * anew and what had been committed is skipped: it must give the same batches again.
 */
export function iterableSource<F extends Fields>(
  schema: Schema<F>,
  batches: Replayable<Batch<F>>,
  options: NamedSourceOptions = {},
): Source<F> {
  const name = options.name ?? 'iterable';
  return {
    name,
    schema,
    bounded: true,
    splits: async () => [{ id: 'all' }],
    async read(_split, position, request) {
      const iterator = iteratorOf(batches);
      let item = Number(position?.['item'] ?? 0);
      for (let skipped = 0; skipped < item; skipped++) await iterator.next();
      return {
        async poll(): Promise<Polled> {
          const next = await iterator.next();
          if (next.done === true) return { kind: 'end' };
          requireSchema(name, schema, next.value);
          item++;
          return { kind: 'batch', batch: selectedColumns(next.value, request.columns), position: { item } };
        },
        close: async () => void (await iterator.return?.()),
      };
    },
  };
}

/** As `iterableSource`, from single rows, which are gathered into batches of the stream's `batchRows`. */
export function rowsSource<F extends Fields>(
  schema: Schema<F>,
  rows: Replayable<RowOf<F>>,
  options: NamedSourceOptions = {},
): Source<F> {
  return {
    name: options.name ?? 'rows',
    schema,
    bounded: true,
    splits: async () => [{ id: 'all' }],
    async read(_split, position, request) {
      const iterator = iteratorOf(rows);
      const builder = createBatchBuilder(schema, Math.min(request.batchRows, 1024));
      let row = Number(position?.['row'] ?? 0);
      for (let skipped = 0; skipped < row; skipped++) await iterator.next();
      return {
        async poll(): Promise<Polled> {
          while (builder.numRows < request.batchRows) {
            const next = await iterator.next();
            if (next.done === true) break;
            builder.append(next.value);
            row++;
          }
          if (builder.numRows === 0) return { kind: 'end' };
          return { kind: 'batch', batch: selectedColumns(builder.finish(), request.columns), position: { row } };
        },
        close: async () => void (await iterator.return?.()),
      };
    },
  };
}

function iteratorOf<V>(values: Replayable<V>): Iterator<V> | AsyncIterator<V> {
  const iterable = typeof values === 'function' ? values() : values;
  return Symbol.asyncIterator in iterable ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]();
}
