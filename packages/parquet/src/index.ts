export { parquetErrors } from './errors.js';
export type { ParquetFileContents } from './source/file-position.js';
export {
  type ParquetContents,
  type ParquetSource,
  type ParquetSourceOptions,
  type ParquetSourceStats,
  parquetSource,
  readParquetSchema,
} from './source/parquet-source.js';
export { instrumentParquet, parquetTelemetry } from './telemetry.js';
