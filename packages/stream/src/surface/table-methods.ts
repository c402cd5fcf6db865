import type { Fields } from '@sabot/columnar';
import { type AggregatePlan, aggregates } from '@sabot/columnar/kernels';
import { aggregateTableSpec } from '../operators/tables/aggregate-table.js';
import { tableStreamSpec } from '../operators/tables/table-stream.js';
import { topNSpec } from '../operators/tables/top-n.js';
import { requireVersionTime, type UpsertTableDescription, upsertTableSpec } from '../operators/tables/upsert-table.js';
import { withSides } from './row-methods.js';
import type { NamedOptions, Ranked, TableOptions, TopNOptions } from './stream-options.js';
import type { KeyedStream, Stream, Table } from './stream-types.js';

type Keyed = Pick<KeyedStream<Fields, string, 'event-time'>, 'aggregate' | 'toTable' | 'topN'>;

/** The methods of a keyed stream that make tables. */
export function tableMethods(stream: Stream, keys: readonly string[]): Keyed {
  const { schema, eventTime } = stream;
  const methods = {
    aggregate(build: Parameters<typeof aggregates>[1], options?: NamedOptions) {
      const plan = aggregates(schema, build) as AggregatePlan;
      return stream.apply(aggregateTableSpec({ name: options?.name, keys, aggregates: plan }));
    },
    toTable({ name, versioned, deleteWhen }: TableOptions<Fields> = {}) {
      const versionTime = versioned === true ? requireVersionTime(eventTime) : undefined;
      // The condition is asked for with the columns of this very stream.
      const condition = deleteWhen as UpsertTableDescription['deleteWhen'];
      const spec = upsertTableSpec({ name, input: schema, keys, versionTime, deleteWhen: condition });
      return withSides(stream.apply(spec), 'late');
    },
    topN: (options: TopNOptions<Fields>) => topN(stream, keys, options),
  };
  // What it makes is a table with the columns that the signatures compute.
  return methods as unknown as Keyed;
}

/** The first rows of a stream, of each key where there are keys. */
export function topN(
  stream: Stream,
  keys: readonly string[],
  { name, limit, by }: TopNOptions<Fields>,
): Table<Ranked<Fields>, 'rank'> {
  return stream.apply(topNSpec({ name, input: stream.schema, keys, limit, by })) as unknown as Table<
    Ranked<Fields>,
    'rank'
  >;
}

/** The changes of a table as rows of a stream. */
export function tableStream(table: Stream, options: { readonly name?: string; readonly column?: string } = {}): Stream {
  return table.apply(tableStreamSpec(table.schema, options.column ?? 'change', options.name));
}
