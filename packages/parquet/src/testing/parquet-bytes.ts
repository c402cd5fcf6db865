import type { Batch } from '@sabot/columnar';
import { encodeIpcStream } from '@sabot/columnar/ipc';
import { Compression, Table, WriterPropertiesBuilder, writeParquet } from 'parquet-wasm/node';
import { parquetErrors } from '../errors.js';

export interface ParquetBytesOptions {
  /** Rows after which a new row group begins; default 1,000,000. */
  readonly rowGroupRows?: number;
}

/**
 * The bytes of a Snappy-compressed Parquet file of these batches, which have one schema: input for tests.
 * Fails with `SABOT_PARQUET_OPTION_INVALID` when there is no batch.
 */
export function parquetBytes(batches: readonly Batch[], options: ParquetBytesOptions = {}): Uint8Array {
  const [first] = batches;
  if (first === undefined) {
    throw parquetErrors.error('OPTION_INVALID', {
      what: 'cannot write Parquet',
      why: 'there is no batch to take the schema from',
    });
  }
  const table = Table.fromIPCStream(encodeIpcStream(first.schema, batches));
  const properties = new WriterPropertiesBuilder()
    .setMaxRowGroupSize(options.rowGroupRows ?? 1_000_000)
    .setCompression(Compression.SNAPPY)
    .build();
  return writeParquet(table, properties);
}
