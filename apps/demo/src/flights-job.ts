import { join } from 'node:path';
import { attachAgent } from '@sabot/agents';
import { lit } from '@sabot/columnar/expressions';
import { csvTable, streamTableJoin } from '@sabot/joins';
import { parquetSource } from '@sabot/parquet';
import type { OpenStateStore } from '@sabot/state';
import { openLmdbStateStore } from '@sabot/state/lmdb';
import {
  arrowFileSink,
  boundedDisorder,
  defineJob,
  hopping,
  type Job,
  monotonic,
  ndjsonFileSink,
  Stream,
  session,
  tumbling,
} from '@sabot/stream';
import { asDeparted } from './arrival/as-departed.js';
import { airportSchema, burstRule, flightSchema, jamRule, lateFromMinutes, plausibleDelay } from './flights.js';
import { hourWatch } from './hour-watch.js';
import { jobName, operatorIds, outputFiles, sinkIds } from './job-names.js';
import { runningStatistics } from './running-statistics.js';

/** What every thread that runs a part of the job needs. */
interface JobSetup {
  readonly job: Job;
  readonly stateStore: (operatorId: string) => OpenStateStore | Promise<OpenStateStore>;
}

/** All that the job needs to know; plain values, so that any thread can make it. */
export interface FlightsJobSettings {
  /** Parquet with the columns of `flightSchema`. */
  readonly flights: string;
  /** CSV with the columns of `airportSchema`. */
  readonly airports: string;
  /** Folder of the output files. */
  readonly output: string;
  /** Folder of the keyed state. */
  readonly state: string;
  /** Flights come as they took off, not as they were scheduled. */
  readonly asDeparted: boolean;
}

/** The watermark moves from batch to batch. */
export const flightsPerBatch = 16_384;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** How much later than the latest flight heard of an earlier one may still come; those after that are late. */
export const arrivalSlackMs = 3 * hourMs;

/** The flights with the city and state of their origin. */
async function locatedFlights(settings: FlightsJobSettings) {
  const airports = await csvTable(settings.airports, { schema: airportSchema, key: 'iata' });
  const timetable = parquetSource(settings.flights, { schema: flightSchema });
  const flights = Stream.from(settings.asDeparted ? asDeparted(timetable) : timetable, {
    name: operatorIds.flights,
    eventTime: 'date',
    watermark: settings.asDeparted ? boundedDisorder({ maxDelayMs: arrivalSlackMs }) : monotonic(),
    batchRows: flightsPerBatch,
  })
    .filter((c) => c.delay.between(plausibleDelay.minimum, plausibleDelay.maximum), { name: 'plausible' })
    .withColumns((c) => ({ isLate: c.delay.ge(lateFromMinutes) }), { name: 'classify' });
  return streamTableJoin(flights, airports, { on: 'origin', type: 'left', name: 'origin-airport' });
}

/** The job with its keyed state, which every thread opens for itself: what threads import. */
export async function flightsJobSetup(settings: FlightsJobSettings): Promise<JobSetup> {
  const job = await flightsJob(settings);
  return { job, stateStore: (operatorId) => openLmdbStateStore(join(settings.state, operatorId)) };
}

/**
 * The demo's program: each airport's hours, watched by an agent; its last three hours, every half an hour; bursts of late
 * departures, as sessions; and running statistics.
 *
 * Errors: those of `csvTable`.
 */
export async function flightsJob(settings: FlightsJobSettings): Promise<Job> {
  const inOutput = (file: string) => join(settings.output, file);
  const located = await locatedFlights(settings);
  const byOrigin = located.keyBy('origin');

  const hours = byOrigin.window(tumbling({ sizeMs: hourMs })).aggregate(
    (a) => ({
      city: a.first('city'),
      state: a.first('state'),
      flights: a.count(),
      meanDelay: a.mean('delay'),
      maxDelay: a.max('delay'),
    }),
    { name: operatorIds.hours },
  );
  const alerts = attachAgent(hours, hourWatch(operatorIds.watch));

  const rolling = byOrigin
    .window(hopping({ sizeMs: jamRule.hours * hourMs, slideMs: jamRule.everyMinutes * minuteMs }))
    .aggregate((a) => ({ flights: a.count(), meanDelay: a.mean('delay') }), { name: operatorIds.rolling });
  const jams = rolling.filter((c) => c.flights.ge(jamRule.minimumFlights).and(c.meanDelay.ge(jamRule.meanDelay)), {
    name: 'jams',
  });

  const bursts = located
    .filter((c) => c.isLate, { name: 'late-departures' })
    .keyBy('origin')
    .window(session({ gapMs: burstRule.gapMinutes * minuteMs }))
    .aggregate((a) => ({ flights: a.count(), meanDelay: a.mean('delay'), maxDelay: a.max('delay') }), {
      name: operatorIds.bursts,
    });
  const bigBursts = bursts.filter((c) => c.flights.ge(burstRule.minimumFlights), { name: 'big-bursts' });

  const missed = (late: typeof hours.late, operator: string) =>
    late.withColumns(() => ({ missed: lit(operator) }), { name: `late-for-${operator}` });
  const late = missed(hours.late, operatorIds.hours).union([
    missed(rolling.late, operatorIds.rolling),
    missed(bursts.late, operatorIds.bursts),
  ]);

  return defineJob(jobName, [
    hours.to(arrowFileSink(inOutput(outputFiles.hours)), { name: sinkIds.hours }),
    jams.to(arrowFileSink(inOutput(outputFiles.jams)), { name: sinkIds.jams }),
    bigBursts.to(arrowFileSink(inOutput(outputFiles.bursts)), { name: sinkIds.bursts }),
    byOrigin
      .process(runningStatistics)
      .to(arrowFileSink(inOutput(outputFiles.statistics)), { name: sinkIds.statistics }),
    alerts.output.to(ndjsonFileSink(inOutput(outputFiles.alerts)), { name: sinkIds.alerts }),
    late.to(ndjsonFileSink(inOutput(outputFiles.late)), { name: sinkIds.late }),
  ]);
}
