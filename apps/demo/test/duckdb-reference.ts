import { DuckDBInstance } from '@duckdb/node-api';
import { packagedData } from '../src/data-files.js';
import { burstRule, jamRule, lateFromMinutes, plausibleDelay } from '../src/flights.js';
import { arrivalSlackMs, flightsPerBatch } from '../src/flights-job.js';
import { watchRule } from '../src/hour-watch.js';

/** What DuckDB computes with SQL from the same Parquet and CSV: an implementation that shares nothing with ours. */
export interface Reference {
  readonly hours: readonly ReferenceHour[];
  readonly statistics: readonly ReferenceStatistics[];
  readonly alerts: readonly ReferenceAlert[];
  readonly jams: readonly ReferenceWindow[];
  readonly bursts: readonly (ReferenceWindow & { readonly maxDelay: bigint })[];
}

export interface ReferenceWindow {
  readonly origin: string;
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly flights: bigint;
  readonly meanDelay: number;
}

/** A flight that came too late for its hour. */
export interface ReferenceLateFlight {
  readonly origin: string;
  readonly destination: string;
  readonly date: number;
  readonly delay: bigint;
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

/** Hopping windows: each flight is in `hours * 60 / everyMinutes` of them, from the one that its half hour begins backwards. */
function jamsSql(flights: string, open: string): string {
  const slide = `interval ${jamRule.everyMinutes} minute`;
  const windows = (jamRule.hours * 60) / jamRule.everyMinutes;
  return `placed as (
    select *, time_bucket(${slide}, date) - hop * ${slide} as start
    from ${flights} cross join range(0, ${windows}) hops(hop)
  ), rolling as (
    select origin, epoch_ms(start) as "windowStart", epoch_ms(start) + ${jamRule.hours * 3_600_000} as "windowEnd",
           count(*) as flights, avg(delay) as "meanDelay"
    from placed where ${open} group by all
  )
  select * from rolling where flights >= ${jamRule.minimumFlights} and "meanDelay" >= ${jamRule.meanDelay}`;
}

/** Sessions as gaps and islands. */
const burstsSql = `with ${plausible}, gaps as (
  select *, date - lag(date) over (partition by origin order by date) >= interval ${burstRule.gapMinutes} minute as begins
  from plausible where delay >= ${lateFromMinutes}
), islands as (
  select *, count(*) filter (begins) over (partition by origin order by date range unbounded preceding) as island from gaps
)
select origin, epoch_ms(min(date)) as "windowStart", epoch_ms(max(date)) + ${burstRule.gapMinutes * 60_000} as "windowEnd",
       count(*) as flights, avg(delay) as "meanDelay", max(delay) as "maxDelay"
from islands group by origin, island having count(*) >= ${burstRule.minimumFlights}`;

/**
 * The flights in the order of departure, with the watermark that each of them meets: by the latest flight of the batches
 * before its own.
 */
const arrivals = `arrivals as (
  select *, (row_number() over (order by departed, file_row_number) - 1) // ${flightsPerBatch} as batch
  from (
    select *, date + to_minutes(greatest(${plausibleDelay.minimum}, least(${plausibleDelay.maximum}, delay))) as departed
    from read_parquet('${flights}', file_row_number = true)
  )
), watermarks as (
  select batch, coalesce(max(epoch_ms(max(date))) over (order by batch rows between unbounded preceding and 1 preceding)
    - ${arrivalSlackMs} - 1, -1) as "watermarkMs"
  from arrivals group by batch
), heard as (
  select a.*, w."watermarkMs" from arrivals a join watermarks w using (batch)
  where delay between ${plausibleDelay.minimum} and ${plausibleDelay.maximum}
)`;

const hourEnd = `epoch_ms(date_trunc('hour', date)) + 3600000`;

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

/** What comes of the flights when they are heard of as they took off. */
export interface ArrivalReference {
  readonly hours: readonly Pick<ReferenceHour, 'origin' | 'windowStart' | 'flights' | 'meanDelay'>[];
  readonly late: readonly ReferenceLateFlight[];
  readonly jams: readonly ReferenceWindow[];
}

export async function computeArrivalReference(): Promise<ArrivalReference> {
  return await inDuckDb(async (rows) => ({
    hours: await rows<ReferenceHour>(`with ${arrivals}
      select origin, epoch_ms(date_trunc('hour', date)) as "windowStart", count(*) as flights, avg(delay) as "meanDelay"
      from heard where ${hourEnd} > "watermarkMs" group by all`),
    late: await rows<ReferenceLateFlight>(`with ${arrivals}
      select origin, destination, epoch_ms(date) as date, delay from heard where ${hourEnd} <= "watermarkMs"`),
    jams: await rows<ReferenceWindow>(
      `with ${arrivals}, ${jamsSql('heard', `epoch_ms(start) + ${jamRule.hours * 3_600_000} > "watermarkMs"`)}`,
    ),
  }));
}

export async function computeReference(): Promise<Reference> {
  return await inDuckDb(async (rows) => ({
    hours: await rows<ReferenceHour>(`with ${plausible}, ${hours} select * from hours`),
    statistics: await rows<ReferenceStatistics>(statisticsSql),
    alerts: await rows<ReferenceAlert>(alertsSql),
    jams: await rows<ReferenceWindow>(`with ${plausible}, ${jamsSql('plausible', 'true')}`),
    bursts: await rows<Reference['bursts'][number]>(burstsSql),
  }));
}

type AskDuckDb = <R>(sql: string) => Promise<R[]>;

async function inDuckDb<T>(ask: (rows: AskDuckDb) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  // The rows are as the select list says: this is the one place where SQL and types meet.
  const rows = async <R>(sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJS().map(normalised) as R[];
  const answer = await ask(rows);
  connection.closeSync();
  return answer;
}

/** Times are bigint milliseconds in DuckDB's answer and numbers in ours. */
function normalised(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const times = ['windowStart', 'windowEnd', 'dayEnd', 'date'].filter((name) => name in row);
  return { ...row, ...Object.fromEntries(times.map((name) => [name, Number(row[name])])) };
}
