import { join } from 'node:path';
import { attachAgent } from '@sabot/agents';
import { type MemoryTable, streamTableJoin } from '@sabot/joins';
import { parquetSource } from '@sabot/parquet';
import { arrowFileSink, defineJob, type Job, monotonic, ndjsonFileSink, Stream, tumbling } from '@sabot/stream';
import { type AirportFields, flightSchema, lateFromMinutes, plausibleDelay } from './flights.js';
import { hourWatch } from './hour-watch.js';
import { runningStatistics } from './running-statistics.js';

export interface FlightsJobOptions {
  /** Parquet with the columns of `flightSchema`. */
  readonly flights: string;
  /** Airports by IATA code. */
  readonly airports: MemoryTable<AirportFields, 'iata'>;
  /** Folder of the output files. */
  readonly output: string;
  /** Called once for each alert. */
  readonly onAlert: () => void;
}

/** The files that the job writes, each exactly once whatever happens to the process. */
export const outputFiles = {
  hours: 'hourly-windows.arrow',
  statistics: 'running-statistics.arrow',
  alerts: 'alerts.ndjson',
  late: 'late-flights.ndjson',
} as const;

export const jobName = 'flights';

/** Operator ids that the live view and the summary look at. */
export const operatorIds = {
  flights: 'flights',
  hours: 'hourly-delay',
  watch: 'hour-watch',
} as const;

export const sinkIds = {
  hours: 'hourly-windows',
  statistics: 'statistics-file',
  alerts: 'alerts',
  late: 'late-flights',
} as const;

const hourMs = 3_600_000;

/**
 * The demo's program: flights → plausible → enriched with the origin's city → hourly windows per origin, watched by an
 * agent; and running statistics per origin.
 */
export function flightsJob(options: FlightsJobOptions): Job {
  const inOutput = (file: string) => join(options.output, file);

  const flights = Stream.from(parquetSource(options.flights, { schema: flightSchema }), {
    name: operatorIds.flights,
    eventTime: 'date',
    watermark: monotonic(),
    batchRows: 16_384,
  })
    .filter((c) => c.delay.between(plausibleDelay.minimum, plausibleDelay.maximum), { name: 'plausible' })
    .withColumns((c) => ({ isLate: c.delay.ge(lateFromMinutes) }), { name: 'classify' });

  const byOrigin = streamTableJoin(flights, options.airports, {
    on: 'origin',
    type: 'left',
    name: 'origin-airport',
  }).keyBy('origin');

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
  const alerts = attachAgent(hours, hourWatch(operatorIds.watch, options.onAlert));

  return defineJob(jobName, [
    hours.to(arrowFileSink(inOutput(outputFiles.hours)), { name: sinkIds.hours }),
    hours.late.to(ndjsonFileSink(inOutput(outputFiles.late)), { name: sinkIds.late }),
    byOrigin
      .process(runningStatistics)
      .to(arrowFileSink(inOutput(outputFiles.statistics)), { name: sinkIds.statistics }),
    alerts.output.to(ndjsonFileSink(inOutput(outputFiles.alerts)), { name: sinkIds.alerts }),
  ]);
}
