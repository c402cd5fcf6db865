/** Joins of streams and tables: typed keys, Arrow columns in and out. */
export {
  type ArrowTableJoin,
  type ArrowTableJoinOptions,
  type ArrowTableJoinType,
  arrowTableJoin,
} from './arrow-table/arrow-table-join.js';
export {
  type BestMatches,
  type BestMatchOptions,
  type BestMatchType,
  bestMatchJoin,
} from './best-match/best-match-join.js';
export { joinsErrors } from './errors.js';
export {
  type IntervalJoinOptions,
  type IntervalJoinType,
  intervalJoin,
  type JoinedStreams,
  type StreamStreamJoinOptions,
  streamStreamJoin,
} from './interval/interval-join.js';
export { type JoinStats, topKeyShare } from './join-stats.js';
export type { ColumnLike, PairedKeys, SharedKeys, TableKeys } from './keys/key-types.js';
export type { JoinedFields, OuterJoinedFields } from './output/output-types.js';
export {
  type StreamTableJoinOptions,
  type StreamTableJoinType,
  streamTableJoin,
} from './stream-table/stream-table-join.js';
export {
  type MemoryTable,
  type TableOptions,
  type TableStats,
  tableFromBatches,
  tableFromRows,
} from './table/memory-table.js';
export { csvTable, type TableSourceOptions, tableFromSource } from './table/table-loading.js';
export {
  type ArrowTableJoinLabels,
  instrumentArrowTableJoin,
  instrumentJoins,
  joinsTelemetry,
} from './telemetry.js';
export { type WindowJoined, type WindowJoinOptions, type WindowJoinType, windowJoin } from './window/window-join.js';
