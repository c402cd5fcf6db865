/** Arrow JavaScript's tables and record batches to and from batches, zero-copy; the only door that loads `apache-arrow`. */
export { batchesFromTable, batchFromArrow, schemaFromArrow } from './from-arrow.js';
export { batchToArrow, schemaToArrow, tableFromBatches } from './to-arrow.js';
