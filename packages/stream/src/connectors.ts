/** Sources and sinks over files and logs. */
export { arrowFileSink } from './sinks/arrow-file-sink.js';
export { type CsvFileSinkOptions, csvFileSink } from './sinks/csv-file-sink.js';
export { logSink } from './sinks/log-sink.js';
export { ndjsonFileSink } from './sinks/ndjson-file-sink.js';
export { type ArrowFileSourceOptions, arrowFileSource } from './sources/arrow-file-source.js';
export { type CsvSourceOptions, csvSource } from './sources/csv-source.js';
export { type LogSourceOptions, logSource } from './sources/log-source.js';
export { type NdjsonSourceOptions, ndjsonSource } from './sources/ndjson-source.js';
export type { RejectedRowFields } from './sources/rejected-rows.js';
