import { type Batch, type Column, createBatch, type Fields } from '@sabot/columnar';
import { createHashIndex, type RowPairs } from '@sabot/columnar/kernels';
import { namedPairs, pairKeys } from '../keys/key-pairs.js';
import type { PairedKeys } from '../keys/key-types.js';
import { gather, type OutputPlan, planOutput } from '../output/output-plan.js';
import type { OuterJoinedFields } from '../output/output-types.js';

export type ArrowTableJoinType = 'inner' | 'left' | 'right' | 'full';

export interface ArrowTableJoinOptions<
  L extends Fields,
  R extends Fields,
  S extends keyof R & string,
  J extends ArrowTableJoinType,
  P extends string,
  X extends string,
> {
  /** Left columns to the right columns they must equal, `{ origin: 'iata' }`; names alone where both sides have them. */
  readonly on: PairedKeys<L, R>;
  /** Which sides keep rows without a partner; default `inner`. */
  readonly type?: J;
  /** Right columns to put out, in this order; default all. */
  readonly select?: readonly S[];
  /** Goes before each of them; default none. */
  readonly prefix?: P;
  /** Goes after those whose name the left side has already; default `_right`. */
  readonly suffix?: X;
}

/**
 * All pairs of rows of two bounded tables with equal keys: left columns, then the chosen right ones.
 *
 * Rows come in the order of the left side, partners of one row in the order of the right; unmatched right rows of a right
 * or full join come last, in their order. Null keys match nothing. Columns of a side that may be missing are nullable.
 * Errors: `SABOT_JOINS_KEY_INCOMPLETE`, `_COLUMN_UNKNOWN`, `_KEY_TYPE_MISMATCH`, `_COLUMN_COLLISION`.
 * Rule: `arrow_table_join`.
 *
 * @example
 * const both = arrowTableJoin(orders, customers, { on: { customer: 'id' }, type: 'left', select: ['city'] });
 */
export function arrowTableJoin<
  L extends Fields,
  R extends Fields,
  const S extends keyof R & string = keyof R & string,
  J extends ArrowTableJoinType = 'inner',
  P extends string = '',
  X extends string = '_right',
>(
  left: Batch<L>,
  right: Batch<R>,
  options: ArrowTableJoinOptions<L, R, S, J, P, X>,
): Batch<OuterJoinedFields<L, R, S, P, X, J>> {
  const type: ArrowTableJoinType = options.type ?? 'inner';
  const [leftSide, rightSide] = [
    { label: 'the left table', schema: left.schema },
    { label: 'the right table', schema: right.schema },
  ];
  const keepsLeft = type === 'left' || type === 'full';
  const keepsRight = type === 'right' || type === 'full';
  const pairs = pairKeys(leftSide, rightSide, namedPairs(options.on));
  const plan = planOutput(left.schema, rightSide, {
    select: options.select ?? right.schema.names,
    prefix: options.prefix ?? '',
    suffix: options.suffix ?? '_right',
    leftNullable: keepsRight,
    rightNullable: keepsLeft,
  });
  const found = matchRows(
    columnsAt(left, pairs.left),
    left.numRows,
    columnsAt(right, pairs.right),
    right.numRows,
    keepsLeft,
  );
  const matched = keepsRight ? withUnmatchedBuildRows(found, right.numRows) : found;
  // `planOutput` named and typed the columns by the rules that OuterJoinedFields states in types.
  return gatherBoth(left, right, plan, matched) as unknown as Batch<OuterJoinedFields<L, R, S, P, X, J>>;
}

/** The type of `arrowTableJoin`, for whoever wraps it. */
export type ArrowTableJoin = typeof arrowTableJoin;

function columnsAt(batch: Batch, positions: readonly number[]): readonly Column[] {
  return positions.map((position) => batch.columns[position] as Column);
}

function matchRows(
  probe: readonly Column[],
  probeRows: number,
  build: readonly Column[],
  buildRows: number,
  keepsLeft: boolean,
): RowPairs {
  const index = createHashIndex(build, buildRows);
  return keepsLeft ? index.probeLeft(probe, probeRows) : index.probe(probe, probeRows);
}

/** Appends (−1, row) for every build row that no pair has. */
function withUnmatchedBuildRows(pairs: RowPairs, numRows: number): RowPairs {
  const matched = new Uint8Array(numRows);
  for (let i = 0; i < pairs.count; i++) {
    const row = pairs.buildRows[i] as number;
    if (row >= 0) matched[row] = 1;
  }
  const missing = numRows - matched.reduce((sum, flag) => sum + flag, 0);
  const probeRows = new Int32Array(pairs.count + missing);
  const buildRows = new Int32Array(pairs.count + missing);
  probeRows.set(pairs.probeRows.subarray(0, pairs.count));
  buildRows.set(pairs.buildRows.subarray(0, pairs.count));
  probeRows.fill(-1, pairs.count);
  let count = pairs.count;
  for (let row = 0; row < numRows; row++) if (matched[row] === 0) buildRows[count++] = row;
  return { probeRows, buildRows, count };
}

function gatherBoth(left: Batch, right: Batch, plan: OutputPlan, pairs: RowPairs): Batch {
  const all = left.columns.map((_, position) => position);
  return createBatch(
    plan.schema,
    [
      ...gather(left.columns, all, plan.leftTypes, pairs.probeRows, pairs.count),
      ...gather(right.columns, plan.rightColumns, plan.rightTypes, pairs.buildRows, pairs.count),
    ],
    pairs.count,
  );
}
