import type { Batch, Fields, Schema } from '@sabot/columnar';
import type { PreparedCommit, Sink, SinkContext, SinkWriter } from '../ports/sink.js';
import { AppendFile } from './append-file.js';

/** How batches become bytes of a file that can be cut off behind any batch. */
export interface FileFormat {
  /** What the file begins with. */
  head(schema: Schema): Uint8Array;
  encode(batch: Batch): Uint8Array;
  /** What a finished file ends with. */
  readonly tail: Uint8Array;
}

/**
 * A sink that appends to one file. Exactly once: `prepare` makes the file's length durable and the commit record keeps
 * it; a restart cuts off what lies behind. Readers may see rows that are not committed yet, at the end.
 */
export function fileSink<F extends Fields>(name: string, path: string, format: FileFormat): Sink<F> {
  return {
    name,
    guarantee: 'exactly-once',
    open: async (context: SinkContext<F>): Promise<SinkWriter> => {
      const committed = context.committed?.['bytes'];
      const file = await AppendFile.open(path, typeof committed === 'number' ? committed : undefined);
      if (file.length === 0) await file.append(format.head(context.schema));
      let rows = Number(context.committed?.['rows'] ?? 0);
      return {
        write(batch) {
          rows += batch.numRows;
          return file.append(format.encode(batch));
        },
        async prepare(): Promise<PreparedCommit> {
          await file.sync();
          return { bytes: file.length, rows };
        },
        // The record of the length was the commit: there is nothing left to do.
        commit: async () => undefined,
        async close(finished) {
          if (finished) {
            await file.append(format.tail);
            await file.sync();
          }
          await file.close();
        },
      };
    },
  };
}
