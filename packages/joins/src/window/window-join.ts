import type { Fields, Schema, Timestamp } from '@sabot/columnar';
import type { Stream } from '@sabot/stream';
import type { HoppingWindow, TumblingWindow } from '@sabot/stream/windows';
import { joinsErrors } from '../errors.js';
import { namedPairs, pairKeys } from '../keys/key-pairs.js';
import type { PairedKeys } from '../keys/key-types.js';
import { planOutput } from '../output/output-plan.js';
import type { OuterJoinedFields } from '../output/output-types.js';
import { requireEventTime } from '../time/event-time-column.js';
import { createWindowJoin, type WindowPlan } from './window-operator.js';
import { windowedSchema } from './window-output.js';

export type WindowJoinType = 'inner' | 'left' | 'right' | 'full';

export interface WindowJoinOptions<
  L extends Fields,
  R extends Fields,
  S extends keyof R & string,
  J extends WindowJoinType,
  P extends string,
  X extends string,
  W extends string,
> {
  /** Left columns to the right columns they must equal, `{ id: 'seller' }`; names alone where both sides have them. */
  readonly on: PairedKeys<L, R>;
  /** The windows that a pair must share: `tumbling(…)` or `hopping(…)`. */
  readonly window: TumblingWindow<'event-time'> | HoppingWindow<'event-time'>;
  /** Which sides keep rows without a partner; default `inner`. */
  readonly type?: J;
  /** How long after its end a window still takes rows before its pairs come out; default 0. */
  readonly graceMs?: number;
  /** Right columns to put out, in this order; default all. */
  readonly select?: readonly S[];
  /** Goes before each of them; default none. */
  readonly prefix?: P;
  /** Goes after those whose name the left side has already; default `_right`. */
  readonly suffix?: X;
  /** Goes before `windowStart`, `windowEnd` and `windowTime`: for sides that are window results themselves; default none. */
  readonly windowPrefix?: W;
  /** Stable operator id; default a path derived from the plan. */
  readonly name?: string;
}

type WindowPairFields<
  L extends Fields,
  R extends Fields,
  S extends keyof R & string,
  P extends string,
  X extends string,
  J extends WindowJoinType,
  W extends string,
> = OuterJoinedFields<L, R, S, P, X, J> & {
  readonly [N in `${W}windowStart` | `${W}windowEnd` | `${W}windowTime`]: Timestamp<false>;
};

/** Pairs that share a window, and the rows of each side that came after their windows. */
export interface WindowJoined<Out extends Fields, L extends Fields, R extends Fields> {
  readonly output: Stream<Out, 'event-time'>;
  readonly lateLeft: Stream<L>;
  readonly lateRight: Stream<R>;
}

/**
 * All pairs with equal keys whose times lie in one window, once per window that they share.
 *
 * A window's pairs come out when the watermark passes its end + grace, by left row and then right row in order of
 * arrival, followed by the right rows without a partner where these are kept; its state is dropped then. Null keys match
 * nothing: such a row of a preserved side comes out at once. Output time: the window's end − 1 ms (`windowTime`).
 * Errors: `SABOT_JOINS_BOUNDS_INVALID`, `_EVENT_TIME_MISSING`, `_KEY_INCOMPLETE`, `_COLUMN_UNKNOWN`, `_KEY_TYPE_MISMATCH`,
 * `_COLUMN_COLLISION` when described.
 *
 * @example
 * const { output } = windowJoin(persons, auctions, { on: { id: 'seller' }, window: tumbling({ sizeMs: 10_000 }) });
 */
export function windowJoin<
  L extends Fields,
  R extends Fields,
  const S extends keyof R & string = keyof R & string,
  J extends WindowJoinType = 'inner',
  P extends string = '',
  X extends string = '_right',
  W extends string = '',
>(
  left: Stream<L, 'event-time'>,
  right: Stream<R, 'event-time'>,
  options: WindowJoinOptions<L, R, S, J, P, X, W>,
): WindowJoined<WindowPairFields<L, R, S, P, X, J, W>, L, R> {
  return describeJoin(left as unknown as Timed, right as unknown as Timed, options as unknown as Untyped);
}

type Timed = Stream<Fields, 'event-time'>;
type Untyped = WindowJoinOptions<Fields, Fields, string, WindowJoinType, string, string, string>;

function describeJoin<Out extends Fields, L extends Fields, R extends Fields>(
  left: Timed,
  right: Timed,
  options: Untyped,
): WindowJoined<Out, L, R> {
  const plan = planOf(left, right, options);
  const { panes } = plan;
  const namesOf = (schema: Schema, positions: readonly number[]) => positions.map((at) => schema.names[at] as string);
  const applied = left.apply(
    {
      kind: 'window_join',
      schema: plan.schema,
      eventTime: `${options.windowPrefix ?? ''}windowTime`,
      sideOutputs: { lateLeft: left.schema, lateRight: right.schema },
      distribution: { keyedBy: [namesOf(left.schema, plan.keys[0]), namesOf(right.schema, plan.keys[1])] },
      describe: `${options.type ?? 'inner'} join in windows of ${panes.sizeMs} ms by ${panes.slideMs} ms`,
      facts: { joinType: 'window_join', variant: options.type ?? 'inner' },
      ...(options.name === undefined ? {} : { name: options.name }),
      create: () => createWindowJoin(plan),
    },
    right,
  );
  return {
    // The plan named and typed the columns by the rules that WindowPairFields states in types.
    output: applied as unknown as Stream<Out, 'event-time'>,
    lateLeft: applied.side<L>('lateLeft'),
    lateRight: applied.side<R>('lateRight'),
  };
}

function planOf(left: Timed, right: Timed, options: Untyped): WindowPlan {
  const { graceMs = 0, type = 'inner', window, windowPrefix = '' } = options;
  if (!Number.isSafeInteger(graceMs) || graceMs < 0) {
    throw joinsErrors.error('BOUNDS_INVALID', {
      what: `cannot join windows with a grace of ${graceMs} ms`,
      why: 'it must be whole milliseconds, at least 0',
    });
  }
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
  const { sizeMs, offsetMs } = window;
  const slideMs = window.kind === 'tumbling' ? sizeMs : window.slideMs;
  return {
    schemas: [left.schema, right.schema],
    keys: [pairs.left, pairs.right],
    timeColumns: [requireEventTime('left', left), requireEventTime('right', right)],
    panes: { sizeMs, slideMs, offsetMs, paneMs: gcd(sizeMs, slideMs) },
    graceMs,
    preserves,
    columns,
    schema: windowedSchema(columns, windowPrefix),
  };
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
