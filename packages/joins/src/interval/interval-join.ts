import type { Fields, Schema, Timestamp } from '@sabot/columnar';
import type { Stream } from '@sabot/stream';
import { joinsErrors } from '../errors.js';
import { namedPairs, pairKeys } from '../keys/key-pairs.js';
import type { PairedKeys } from '../keys/key-types.js';
import { planOutput } from '../output/output-plan.js';
import type { OuterJoinedFields } from '../output/output-types.js';
import { requireEventTime } from '../time/event-time-column.js';
import { createIntervalOperator, type IntervalPlan } from './interval-operator.js';
import { intervalOutput } from './interval-output.js';

export type IntervalJoinType = 'inner' | 'left' | 'right' | 'full';

interface PairedStreamsOptions<
  L extends Fields,
  R extends Fields,
  S extends keyof R & string,
  J extends IntervalJoinType,
  P extends string,
  X extends string,
  C extends string,
> {
  /** Left columns to the right columns they must equal, `{ order: 'id' }`; names alone where both sides have them. */
  readonly on: PairedKeys<L, R>;
  /** Which sides keep rows without a partner; default `inner`. */
  readonly type?: J;
  /** How long after its window a row still counts; default 0. */
  readonly graceMs?: number;
  /** Right columns to put out, in this order; default all. */
  readonly select?: readonly S[];
  /** Goes before each of them; default none. */
  readonly prefix?: P;
  /** Goes after those whose name the left side has already; default `_right`. */
  readonly suffix?: X;
  /** Name of the column with the time of each output row, the later of both; default `joinTime`. */
  readonly timeColumn?: C;
  /** Stable operator id; default a path derived from the plan. */
  readonly name?: string;
}

export interface IntervalJoinOptions<
  L extends Fields,
  R extends Fields,
  S extends keyof R & string,
  J extends IntervalJoinType,
  P extends string,
  X extends string,
  C extends string,
> extends PairedStreamsOptions<L, R, S, J, P, X, C> {
  /** A pair's right time − left time is at least this, milliseconds; may be negative. */
  readonly lowerMs: number;
  /** And at most this. */
  readonly upperMs: number;
}

export interface StreamStreamJoinOptions<
  L extends Fields,
  R extends Fields,
  S extends keyof R & string,
  J extends IntervalJoinType,
  P extends string,
  X extends string,
  C extends string,
> extends PairedStreamsOptions<L, R, S, J, P, X, C> {
  /**
   * How far the times of a pair may lie apart, either way, milliseconds. `Infinity`: any distance. Then both sides are
   * kept for good, nothing is ever late, and neither the watermark nor rows without a partner come out before the end.
   */
  readonly withinMs: number;
}

/** The columns of a join of two streams: left, chosen right ones, and the time of the pair. */
type PairFields<
  L extends Fields,
  R extends Fields,
  S extends keyof R & string,
  P extends string,
  X extends string,
  J extends IntervalJoinType,
  C extends string,
> = OuterJoinedFields<L, R, S, P, X, J> & { readonly [N in C]: Timestamp<false> };

/** Pairs of two streams, and the rows of each that came after their window. */
export interface JoinedStreams<Out extends Fields, L extends Fields, R extends Fields> {
  readonly output: Stream<Out, 'event-time'>;
  readonly lateLeft: Stream<L>;
  readonly lateRight: Stream<R>;
}

/**
 * All pairs with equal keys whose right time − left time lies in [lowerMs, upperMs].
 *
 * Rows of a preserved side without a partner come out once, when the watermark passes their time + bound + grace, in
 * (time, side, key) order; their state is dropped then. Null keys match nothing. Rows later than that go to the late
 * streams. Output time: the later of both, or the row's own.
 * Errors: `SABOT_JOINS_BOUNDS_INVALID`, `_EVENT_TIME_MISSING`, `_KEY_INCOMPLETE`, `_COLUMN_UNKNOWN`, `_KEY_TYPE_MISMATCH`,
 * `_COLUMN_COLLISION` when described.
 *
 * @example
 * const { output } = intervalJoin(orders, payments, { on: { id: 'order' }, lowerMs: 0, upperMs: 60_000, type: 'left' });
 */
export function intervalJoin<
  L extends Fields,
  R extends Fields,
  const S extends keyof R & string = keyof R & string,
  J extends IntervalJoinType = 'inner',
  P extends string = '',
  X extends string = '_right',
  C extends string = 'joinTime',
>(
  left: Stream<L, 'event-time'>,
  right: Stream<R, 'event-time'>,
  options: IntervalJoinOptions<L, R, S, J, P, X, C>,
): JoinedStreams<PairFields<L, R, S, P, X, J, C>, L, R> {
  return describeJoin('interval_join', left as unknown as Timed, right as unknown as Timed, options as Untyped);
}

/**
 * All pairs with equal keys whose times lie at most `withinMs` apart; else as `intervalJoin`.
 *
 * Rule: `stream_stream_join`, the SS columns of the table of Kafka Streams' join semantics.
 *
 * @example
 * const { output } = streamStreamJoin(clicks, views, { on: 'page', withinMs: 15_000, graceMs: 5_000, type: 'full' });
 */
export function streamStreamJoin<
  L extends Fields,
  R extends Fields,
  const S extends keyof R & string = keyof R & string,
  J extends IntervalJoinType = 'inner',
  P extends string = '',
  X extends string = '_right',
  C extends string = 'joinTime',
>(
  left: Stream<L, 'event-time'>,
  right: Stream<R, 'event-time'>,
  options: StreamStreamJoinOptions<L, R, S, J, P, X, C>,
): JoinedStreams<PairFields<L, R, S, P, X, J, C>, L, R> {
  const bounds = { lowerMs: -options.withinMs, upperMs: options.withinMs };
  const all = { ...options, ...bounds } as unknown as Untyped;
  return describeJoin('stream_stream_join', left as unknown as Timed, right as unknown as Timed, all);
}

type Timed = Stream<Fields, 'event-time'>;
type Untyped = IntervalJoinOptions<Fields, Fields, string, IntervalJoinType, string, string, string>;

function describeJoin<Out extends Fields, L extends Fields, R extends Fields>(
  kind: 'interval_join' | 'stream_stream_join',
  left: Timed,
  right: Timed,
  options: Untyped,
): JoinedStreams<Out, L, R> {
  const plan = planOf(left, right, options);
  const applied = left.apply(
    {
      kind,
      distribution: { keyedBy: [namesAt(left, plan.keys[0]), namesAt(right, plan.keys[1])] },
      schema: plan.output.schema,
      eventTime: options.timeColumn ?? 'joinTime',
      sideOutputs: { lateLeft: left.schema, lateRight: right.schema },
      describe: `${options.type ?? 'inner'} join, right − left time in [${plan.lowerMs}, ${plan.upperMs}] ms`,
      facts: { joinType: kind, variant: options.type ?? 'inner' },
      ...(options.name === undefined ? {} : { name: options.name }),
      create: () => createIntervalOperator(plan),
    },
    right,
  );
  return {
    // The plan named and typed the columns by the rules that PairFields states in types.
    output: applied as unknown as Stream<Out, 'event-time'>,
    lateLeft: applied.side<L>('lateLeft'),
    lateRight: applied.side<R>('lateRight'),
  };
}

function planOf(left: Timed, right: Timed, options: Untyped): IntervalPlan {
  const { lowerMs, upperMs, graceMs = 0, type = 'inner' } = options;
  checkBounds(lowerMs, upperMs, graceMs);
  const rightSide = { label: 'the right stream', schema: right.schema };
  const pairs = pairKeys({ label: 'the left stream', schema: left.schema }, rightSide, namedPairs(options.on));
  const preserves = [type === 'left' || type === 'full', type === 'right' || type === 'full'] as const;
  const columns = planOutput(left.schema, rightSide, {
    select: options.select ?? right.schema.names,
    prefix: options.prefix ?? '',
    suffix: options.suffix ?? '_right',
    leftNullable: preserves[1],
    rightNullable: preserves[0],
  });
  const schemas: readonly [Schema, Schema] = [left.schema, right.schema];
  return {
    schemas,
    keys: [pairs.left, pairs.right],
    keyTypes: pairs.left.map((position) => left.schema.fields[left.schema.names[position]!]!),
    timeColumns: [requireEventTime('left', left), requireEventTime('right', right)],
    lowerMs,
    upperMs,
    graceMs,
    preserves,
    output: intervalOutput(schemas, columns, options.timeColumn ?? 'joinTime'),
  };
}

const namesAt = ({ schema }: Timed, positions: readonly number[]) =>
  positions.map((position) => schema.names[position] as string);

function checkBounds(lowerMs: number, upperMs: number, graceMs: number): void {
  const bounds = [lowerMs, upperMs].every((value) => Number.isSafeInteger(value) || Math.abs(value) === Infinity);
  if (bounds && lowerMs <= upperMs && Number.isSafeInteger(graceMs) && graceMs >= 0) return;
  throw joinsErrors.error('BOUNDS_INVALID', {
    what: `cannot join with times between ${lowerMs} and ${upperMs} ms and a grace of ${graceMs} ms`,
    why: 'all must be whole milliseconds (a bound may be infinite), the lower bound at most the upper one, the grace at least 0',
  });
}
