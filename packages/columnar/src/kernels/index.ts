/** Kernels over columns and batches: plain functions and tables on typed arrays, no clock, no I/O. */
export { type Accumulators, createAccumulators } from './aggregates/accumulators.js';
export { type AggregatePlan, aggregates } from './aggregates/plan.js';
export type { AggregateBuilder, AggregateFields, AggregateSpec } from './aggregates/spec.js';
export { type AsOfIndex, type AsOfOptions, createAsOfIndex } from './as-of.js';
export { concatBatches, concatColumns } from './concat.js';
export { dictionaryDecode, dictionaryEncode } from './dictionary.js';
export { filterBatch, filterColumn, selectionOf } from './filter.js';
export { groupBatch } from './group-batch.js';
export type { GroupTable } from './group-table.js';
export { hashColumns } from './hash.js';
export { createHashIndex, type HashIndex, type RowPairs } from './hash-index.js';
export { createGroupTable } from './keys/create-group-table.js';
export type { SortOrder } from './sort/sort-order.js';
export { type SortKey, sortBatch, sortRows } from './sort.js';
export { nullableSchema, takeBatch, takeBatchOrNull, takeColumn } from './take.js';
export { topRows, uniqueRows } from './top-rows.js';
