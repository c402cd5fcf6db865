import type { DataType, Fields, Timestamp } from '@sabot/columnar';
import type { Stream } from '@sabot/stream';
import { joinsErrors } from '../errors.js';
import { intervalOutput } from '../interval/interval-output.js';
import { namedPairs, pairKeys, positionOf } from '../keys/key-pairs.js';
import type { PairedKeys } from '../keys/key-types.js';
import { planOutput } from '../output/output-plan.js';
import type { OuterJoinedFields } from '../output/output-types.js';
import { requireEventTime } from '../time/event-time-column.js';
import { type BestMatchPlan, createBestMatch } from './best-match-operator.js';
import { SCORED_KINDS } from './scores.js';

export type BestMatchType = 'inner' | 'left';

/** Names of the columns of some kinds. */
type NamesOf<F extends Fields, T extends DataType> = {
  [N in keyof F & string]: F[N] extends T ? N : never;
}[keyof F & string];

type Scored = {
  readonly kind:
    | 'int8'
    | 'int16'
    | 'int32'
    | 'int64'
    | 'uint8'
    | 'uint16'
    | 'uint32'
    | 'float32'
    | 'float64'
    | 'timestamp';
};
type ScoredNames<F extends Fields> = { [N in keyof F & string]: F[N] extends Scored ? N : never }[keyof F & string];

export interface BestMatchOptions<
  L extends Fields,
  R extends Fields,
  S extends keyof R & string,
  J extends BestMatchType,
  P extends string,
  X extends string,
  C extends string,
> {
  /** Left columns to the right columns they must equal, `{ id: 'auction' }`; names alone where both sides have them. */
  readonly on: PairedKeys<L, R>;
  /** The left column with the last moment of each row's life, inclusive; it begins at the row's own time. */
  readonly until: NamesOf<L, Timestamp<false>>;
  /** The right column that decides: a number (exact to 2⁵³) or a time. */
  readonly by: ScoredNames<R>;
  /** Which value of it is best; default `greatest`. */
  readonly order?: 'greatest' | 'least';
  /** `left` keeps left rows that nothing matched; default `inner`. */
  readonly type?: J;
  /** Right columns to put out, in this order; default all. */
  readonly select?: readonly S[];
  /** Goes before each of them; default none. */
  readonly prefix?: P;
  /** Goes after those whose name the left side has already; default `_right`. */
  readonly suffix?: X;
  /** Name of the column with the time of each output row, the end of its life; default `joinTime`. */
  readonly timeColumn?: C;
  /** Stable operator id; default a path derived from the plan. */
  readonly name?: string;
}

type BestMatchFields<
  L extends Fields,
  R extends Fields,
  S extends keyof R & string,
  P extends string,
  X extends string,
  J extends BestMatchType,
  C extends string,
> = OuterJoinedFields<L, R, S, P, X, J> & { readonly [N in C]: Timestamp<false> };

/** Left rows with their best right row, and the rows of each side that came too late. */
export interface BestMatches<Out extends Fields, L extends Fields, R extends Fields> {
  readonly output: Stream<Out, 'event-time'>;
  readonly lateLeft: Stream<L>;
  readonly lateRight: Stream<R>;
}

/**
 * Each left row with the best right row of its key within the left row's life: the winning bid of an auction, the best
 * quote while an order stood.
 *
 * A left row lives from its own time to the one in `until`, both included, and comes out when the watermark reaches that
 * end, once. Of equally good right rows the earliest counts. Null keys match nothing; with `left`, such a row comes out at
 * once. Output time: the end of the life.
 * Errors: `SABOT_JOINS_EVENT_TIME_MISSING`, `_KEY_INCOMPLETE`, `_COLUMN_UNKNOWN`, `_KEY_TYPE_MISMATCH`, `_COLUMN_TYPE`,
 * `_COLUMN_COLLISION` when described.
 *
 * @example
 * const { output } = bestMatchJoin(auctions, bids, { on: { id: 'auction' }, until: 'expires', by: 'price' });
 */
export function bestMatchJoin<
  L extends Fields,
  R extends Fields,
  const S extends keyof R & string = keyof R & string,
  J extends BestMatchType = 'inner',
  P extends string = '',
  X extends string = '_right',
  C extends string = 'joinTime',
>(
  left: Stream<L, 'event-time'>,
  right: Stream<R, 'event-time'>,
  options: BestMatchOptions<L, R, S, J, P, X, C>,
): BestMatches<BestMatchFields<L, R, S, P, X, J, C>, L, R> {
  return describeJoin(left as unknown as Timed, right as unknown as Timed, options as unknown as Untyped);
}

type Timed = Stream<Fields, 'event-time'>;
type Untyped = BestMatchOptions<Fields, Fields, string, BestMatchType, string, string, string> & {
  readonly until: string;
  readonly by: string;
};

function describeJoin<Out extends Fields, L extends Fields, R extends Fields>(
  left: Timed,
  right: Timed,
  options: Untyped,
): BestMatches<Out, L, R> {
  const plan = planOf(left, right, options);
  const namesAt = ({ schema }: Timed, positions: readonly number[]) =>
    positions.map((at) => schema.names[at] as string);
  const applied = left.apply(
    {
      kind: 'best_match_join',
      schema: plan.output.schema,
      eventTime: options.timeColumn ?? 'joinTime',
      sideOutputs: { lateLeft: left.schema, lateRight: right.schema },
      distribution: { keyedBy: [namesAt(left, plan.keys[0]), namesAt(right, plan.keys[1])] },
      describe: `${options.type ?? 'inner'} join with the ${plan.order} ${plan.by} until ${plan.until}`,
      facts: { joinType: 'best_match_join', variant: options.type ?? 'inner' },
      ...(options.name === undefined ? {} : { name: options.name }),
      create: () => createBestMatch(plan),
    },
    right,
  );
  return {
    // The plan named and typed the columns by the rules that BestMatchFields states in types.
    output: applied as unknown as Stream<Out, 'event-time'>,
    lateLeft: applied.side<L>('lateLeft'),
    lateRight: applied.side<R>('lateRight'),
  };
}

function planOf(left: Timed, right: Timed, options: Untyped): BestMatchPlan {
  const { until, by, order = 'greatest', type = 'inner' } = options;
  const leftSide = { label: 'the left stream', schema: left.schema };
  const rightSide = { label: 'the right stream', schema: right.schema };
  const pairs = pairKeys(leftSide, rightSide, namedPairs(options.on));
  positionOf(leftSide, until);
  positionOf(rightSide, by);
  requireKind('the end of a life', until, left.schema.fields[until], ['timestamp']);
  requireKind('what decides', by, right.schema.fields[by], SCORED_KINDS);
  const columns = planOutput(left.schema, rightSide, {
    select: options.select ?? right.schema.names,
    prefix: options.prefix ?? '',
    suffix: options.suffix ?? '_right',
    leftNullable: false,
    rightNullable: type === 'left',
  });
  return {
    schemas: [left.schema, right.schema],
    keys: [pairs.left, pairs.right],
    keyTypes: pairs.left.map((position) => left.schema.fields[left.schema.names[position] as string] as DataType),
    timeColumns: [requireEventTime('left', left), requireEventTime('right', right)],
    until,
    by,
    order,
    preservesLeft: type === 'left',
    output: intervalOutput([left.schema, right.schema], columns, options.timeColumn ?? 'joinTime'),
  };
}

function requireKind(what: string, name: string, type: DataType | undefined, kinds: readonly string[]): void {
  if (type !== undefined && kinds.includes(type.kind)) return;
  throw joinsErrors.error('COLUMN_TYPE', {
    what: `cannot take ${what} from column "${name}"`,
    why: `it is ${type?.kind}, not one of ${kinds.join(', ')}`,
  });
}
