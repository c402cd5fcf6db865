/** Typed expressions over the columns of a schema, and their compilation into one loop per batch. */
export {
  type CaseBuilder,
  coalesce,
  columnFunction,
  columnsOf,
  columnsUsed,
  describeExpression,
  expressionOf,
  lit,
  sameExpression,
  userFunction,
  when,
} from './build.js';
export type { CompiledPipeline, PipelineOptions } from './compiled-pipeline.js';
export type { Expr, ExprFields } from './expr.js';
export type {
  AnyExpr,
  BoolExpr,
  ColumnRefs,
  DecimalExpr,
  DurationExpr,
  InstantExpr,
  ListExpr,
  NumberExpr,
  StructExpr,
  TextExpr,
  Typed,
} from './expr-types.js';
export type { ExtractField, TruncateUnit } from './functions/time.js';
export type { OverflowRule } from './lowering/lowering.js';
export type { ExprNode, LiteralValue } from './node.js';
export { compilePipeline } from './pipeline.js';
export { type PipelineBuilder, pipeline } from './pipeline-builder.js';
export type { Step } from './step.js';
