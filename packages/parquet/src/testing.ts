/** Parquet files made of batches, for tests of what reads them. */
export { type ParquetBytesOptions, parquetBytes } from './testing/parquet-bytes.js';
