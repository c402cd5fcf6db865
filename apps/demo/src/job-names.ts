/** The job's name in the engine. */
export const jobName = 'flights';

/** The files that the job writes, each row exactly once whatever happens to the process. */
export const outputFiles = {
  hours: 'hourly-windows.arrow',
  jams: 'jams.arrow',
  bursts: 'late-bursts.arrow',
  statistics: 'running-statistics.arrow',
  alerts: 'alerts.ndjson',
  late: 'late-flights.ndjson',
} as const;

/** Operator ids that the live view and the summary look at. */
export const operatorIds = {
  flights: 'flights',
  hours: 'hourly-delay',
  rolling: 'rolling-delay',
  bursts: 'late-bursts',
  watch: 'hour-watch',
} as const;

export const sinkIds = {
  hours: 'hourly-windows',
  jams: 'jams-file',
  bursts: 'bursts-file',
  statistics: 'statistics-file',
  alerts: 'alerts',
  late: 'late-flights',
} as const;
