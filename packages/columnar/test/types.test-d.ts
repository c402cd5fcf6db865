import {
  batchOf,
  defineSchema,
  dictionary,
  type float64,
  int32,
  int64,
  nullable,
  rowsOf,
  timestamp,
  utf8,
} from '@sabot/columnar';
import { columnsOf, lit, pipeline, when } from '@sabot/columnar/expressions';
import { aggregates } from '@sabot/columnar/kernels';
import type { Bool, Float64, Int64, Utf8 } from '@sabot/columnar/types';

/** Compiles only when both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(): T | undefined => undefined;

const schema = defineSchema({
  delay: nullable(int64()),
  seats: int32(),
  origin: utf8(),
  code: dictionary(),
  at: timestamp('us'),
});
const c = columnsOf(schema);

// Rows are typed by the schema: 64-bit integers are bigint, nullable columns may be null.
const rows = rowsOf(
  batchOf(schema, { delay: [1n, null], seats: [1, 2], origin: ['a', 'b'], code: ['x', 'y'], at: [0, 1] }),
);
holds<Same<(typeof rows)[number]['delay'], bigint | null>>();
holds<Same<(typeof rows)[number]['seats'], number>>();

// @ts-expect-error a misspelt column: Property 'dealy' does not exist … Did you mean 'delay'?
c.dealy;
// @ts-expect-error a string has no arithmetic
c.origin.add(1);
// @ts-expect-error a number is not compared with a string
c.delay.gt('15');
// @ts-expect-error a string is not compared with a number
c.origin.eq(15);
// @ts-expect-error a row's int64 is a bigint
batchOf(schema, { delay: [1], seats: [1], origin: ['a'], code: ['x'], at: [0] });
// @ts-expect-error an instant has no such unit
c.at.truncate('fortnight');

// Types and nullability follow the operands.
holds<Same<ReturnType<typeof c.delay.isNull>['type'], Bool<false>>>();
const late = pipeline(schema)
  .filter((x) => x.delay.gt(15))
  .select((x) => ({
    origin: x.origin,
    hours: x.delay.div(60),
    more: x.delay.add(1),
    name: when(x.seats.gt(1), lit('big')).otherwise(lit('small')),
  }));
holds<Same<(typeof late)['schema']['fields']['hours'], Float64<true>>>();
holds<Same<(typeof late)['schema']['fields']['name'], Utf8<false>>>();
// @ts-expect-error the step before left this column out
late.filter((x) => x.seats.gt(1));
// @ts-expect-error a filter takes a bool
pipeline(schema).filter((x) => x.seats.add(1));

const plan = aggregates(schema, (a) => ({ flights: a.count(), mean: a.mean('delay'), most: a.max('origin') }));
holds<Same<(typeof plan)['outputSchema']['fields']['flights'], Int64<false>>>();
holds<Same<(typeof plan)['outputSchema']['fields']['mean'], Float64<true>>>();
// @ts-expect-error '"origin"' is not assignable to '"delay" | "seats"'
aggregates(schema, (a) => ({ mean: a.mean('origin') }));
// @ts-expect-error a misspelt column
aggregates(schema, (a) => ({ most: a.max('dealy') }));
holds<Same<ReturnType<typeof float64>, Float64<false>>>();
