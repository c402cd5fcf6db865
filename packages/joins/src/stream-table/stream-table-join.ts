import type { Fields } from '@sabot/columnar';
import type { Stream, StreamTime } from '@sabot/stream';
import { joinsErrors } from '../errors.js';
import { pairKeys } from '../keys/key-pairs.js';
import type { TableKeys } from '../keys/key-types.js';
import { planOutput } from '../output/output-plan.js';
import type { JoinedFields } from '../output/output-types.js';
import type { MemoryTable } from '../table/memory-table.js';
import { createStreamTableOperator } from './stream-table-operator.js';

export type StreamTableJoinType = 'inner' | 'left';

export interface StreamTableJoinOptions<
  F extends Fields,
  TF extends Fields,
  K extends keyof TF & string,
  S extends keyof TF & string,
  J extends StreamTableJoinType,
  P extends string,
  X extends string,
> {
  /** The stream column for each key column of the table, `{ iata: 'origin' }`; its name alone when the key is one column. */
  readonly on: TableKeys<F, TF, K>;
  /** What becomes of stream rows without a table row: left out and counted (`inner`, the default) or kept with nulls (`left`). */
  readonly type?: J;
  /** Table columns to put out, in this order; default all but the key. */
  readonly select?: readonly S[];
  /** Goes before each of them; default none. */
  readonly prefix?: P;
  /** Goes after those whose name the stream has already; default `_table`. */
  readonly suffix?: X;
  /** Stable operator id; default a path derived from the plan. */
  readonly name?: string;
}

/**
 * Each row of the stream with the table's row of the same key: (rows × stream columns) + chosen table columns.
 *
 * Rows keep their order and event time. A null key matches nothing. A left join makes the table's columns nullable.
 * Errors: `SABOT_JOINS_KEY_INCOMPLETE`, `_COLUMN_UNKNOWN`, `_KEY_TYPE_MISMATCH`, `_COLUMN_COLLISION` when described.
 * Rule: `stream_table_join`, the ST columns of the table of Kafka Streams' join semantics.
 *
 * @example
 * const enriched = streamTableJoin(flights, airports, { on: 'origin', type: 'left', select: ['city'], prefix: 'origin_' });
 */
export function streamTableJoin<
  F extends Fields,
  T extends StreamTime,
  TF extends Fields,
  K extends keyof TF & string,
  const S extends keyof TF & string = Exclude<keyof TF & string, K>,
  J extends StreamTableJoinType = 'inner',
  P extends string = '',
  X extends string = '_table',
>(
  stream: Stream<F, T>,
  table: MemoryTable<TF, K>,
  options: StreamTableJoinOptions<F, TF, K, S, J, P, X>,
): Stream<JoinedFields<F, TF, S, P, X, J>, T> {
  const left = { label: 'the stream', schema: stream.schema };
  const right = { label: `table "${table.name}"`, schema: table.schema };
  const pairs = keyPairsOf(table, options.on as string | Readonly<Record<string, string>>);
  const preservesStream = options.type === 'left';
  const output = planOutput(stream.schema, right, {
    select: options.select ?? table.schema.names.filter((name) => !table.key.includes(name as K)),
    prefix: options.prefix ?? '',
    suffix: options.suffix ?? '_table',
    leftNullable: false,
    rightNullable: preservesStream,
  });
  const streamKeys = pairKeys(left, right, pairs).left;
  const plan = { table: table as unknown as MemoryTable, streamKeys, preservesStream, output };
  const joined = stream.apply({
    kind: 'stream_table_join',
    distribution: 'local',
    schema: output.schema,
    describe: `${options.type ?? 'inner'} join with ${table.name} (${table.stats.rows} rows) on ${pairs.map(([own, key]) => `${own} = ${key}`).join(', ')}`,
    facts: { joinType: 'stream_table_join', variant: options.type ?? 'inner' },
    ...(options.name === undefined ? {} : { name: options.name }),
    create: () => createStreamTableOperator(plan),
  });
  // `planOutput` named and typed the columns by the rules that JoinedFields states in types.
  return joined as unknown as Stream<JoinedFields<F, TF, S, P, X, J>, T>;
}

function keyPairsOf(
  table: { readonly name: string; readonly key: readonly string[] },
  on: string | Readonly<Record<string, string>>,
): readonly (readonly [string, string])[] {
  const named: Readonly<Record<string, string>> = typeof on === 'string' ? { [table.key[0] as string]: on } : on;
  return table.key.map((key) => {
    const own = named[key];
    if (own !== undefined) return [own, key];
    throw joinsErrors.error('KEY_INCOMPLETE', {
      what: `cannot join with table "${table.name}"`,
      why: `\`on\` names no stream column for its key column "${key}"`,
    });
  });
}
