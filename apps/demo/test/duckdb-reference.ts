import { DuckDBInstance } from '@duckdb/node-api';
import { packagedData } from '../src/data-files.js';
import { lateFromMinutes, plausibleDelay } from '../src/flights.js';
import { watchRule } from '../src/hour-watch.js';

/** What DuckDB computes with SQL from the same Parquet and CSV: an implementation that shares nothing with ours. */
export interface Reference {
  readonly hours: readonly ReferenceHour[];
  readonly statistics: readonly ReferenceStatistics[];
  readonly alerts: readonly ReferenceAlert[];
}

export interface ReferenceHour {
  readonly origin: string;
  readonly windowStart: number;
  readonly city: string | null;
  readonly state: string | null;
  readonly flights: bigint;
  readonly meanDelay: number;
  readonly maxDelay: bigint;
}

export interface ReferenceStatistics {
  readonly origin: string;
  readonly dayEnd: number;
  readonly flights: bigint;
  readonly lateFlights: bigint;
  readonly meanDelay: number;
  readonly maxDelay: bigint;
  readonly miles: bigint;
}

export interface ReferenceAlert {
  readonly origin: string;
  readonly windowStart: number;
  readonly deviations: number;
}

const { flights, airports } = packagedData();

const plausible = `plausible as (
  select f.*, a.city, a.state
  from read_parquet('${flights}') f left join read_csv('${airports}', all_varchar = true) a on f.origin = a.iata
  where f.delay between ${plausibleDelay.minimum} and ${plausibleDelay.maximum}
)`;

const hours = `hours as (
  select origin, epoch_ms(date_trunc('hour', date)) as "windowStart", any_value(city) as city, any_value(state) as state,
         count(*) as flights, avg(delay) as "meanDelay", max(delay) as "maxDelay"
  from plausible group by all
)`;

const statisticsSql = `with ${plausible}, days as (
  select origin, epoch_ms(date_trunc('day', date)) + 86400000 as "dayEnd", count(*) as n, sum(delay) as delay,
         count(*) filter (delay >= ${lateFromMinutes}) as late, max(delay) as top, sum(distance) as distance
  from plausible group by all
)
select origin, "dayEnd", (sum(n) over upto)::bigint as flights, (sum(late) over upto)::bigint as "lateFlights",
       (sum(delay) over upto)::double / (sum(n) over upto)::double as "meanDelay",
       max(top) over upto as "maxDelay", (sum(distance) over upto)::bigint as miles
from days window upto as (partition by origin order by "dayEnd")`;

const alertsSql = `with ${plausible}, ${hours}, scored as (
  select *, count(*) over past as seen, (("meanDelay" - avg("meanDelay") over past) / stddev_pop("meanDelay") over past) as deviations
  from hours
  window past as (partition by origin order by "windowStart" rows between unbounded preceding and 1 preceding)
)
select origin, "windowStart", deviations from scored
where seen >= ${watchRule.minimumHours} and flights >= ${watchRule.minimumFlights} and deviations > ${watchRule.deviations}`;

export async function computeReference(): Promise<Reference> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  // The rows are as the select list says: this is the one place where SQL and types meet.
  const rows = async <R>(sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJS().map(normalised) as R[];
  const reference = {
    hours: await rows<ReferenceHour>(`with ${plausible}, ${hours} select * from hours`),
    statistics: await rows<ReferenceStatistics>(statisticsSql),
    alerts: await rows<ReferenceAlert>(alertsSql),
  };
  connection.closeSync();
  return reference;
}

/** Times are bigint milliseconds in DuckDB's answer and numbers in ours. */
function normalised(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const times = ['windowStart', 'dayEnd'].filter((name) => name in row);
  return { ...row, ...Object.fromEntries(times.map((name) => [name, Number(row[name])])) };
}
