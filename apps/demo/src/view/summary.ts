import type { JobStatus, OperatorStatus } from '@sabot/stream/ports';
import { burstRule, jamRule } from '../flights.js';
import { outputFiles } from '../job-names.js';
import type { AirportWindow, Ranking, Results } from '../results.js';
import { count, decimal, duration, eventTime, table } from './format.js';

export interface SummaryOptions {
  readonly results: Results;
  /** Rows of the input file. */
  readonly totalRows: number;
  /** The job as it ended; undefined when an earlier run had finished it. */
  readonly status: JobStatus | undefined;
  /** Flights read in this run. */
  readonly rows: number;
  readonly elapsedMs: number;
  readonly outputFolder: string;
}

/** The lines at the end of a run that has seen all of its input. */
export function summary(options: SummaryOptions): string {
  const { results, status } = options;
  const parts = [
    headline(options),
    `Worst airport-hours, of those with ten flights or more:\n${worstHours(results)}`,
    `Jams, ${jamRule.hours} hours of ${jamRule.meanDelay} minutes' mean delay: ${count(results.jams.count)}. The worst:\n${windows(results.jams)}`,
    `Bursts of ${burstRule.minimumFlights} late departures and more: ${count(results.bursts.count)}. The largest:\n${windows(results.bursts)}`,
    status === undefined ? undefined : busiest(status.operators),
    `${count(results.alerts)} alerts; flights came too late for a window ${count(results.lateRows)} times. Written to ${options.outputFolder}: ${Object.values(outputFiles).join(', ')}.`,
    next(status !== undefined),
  ];
  return `\n${parts.filter((part) => part !== undefined).join('\n\n')}\n`;
}

function headline({ results, totalRows, status, rows, elapsedMs }: SummaryOptions): string {
  const what = `${count(totalRows)} flights: ${count(results.flights)} plausible ones in ${count(results.hours.count)} hourly windows of ${count(results.airports)} airports`;
  if (status === undefined) return `An earlier run has already processed all ${what}.`;
  const rate = `${count((rows / elapsedMs) * 1000)} rows/s`;
  return `${what}.\n${count(rows)} of them read in this run, in ${duration(elapsedMs)} (${rate}, ${status.checkpoints} checkpoints).`;
}

function worstHours({ hours }: Results): string {
  const rows = hours.top.map((hour) => [
    hour.origin,
    hour.city === null ? '' : `${hour.city}, ${hour.state}`,
    eventTime(hour.windowStart),
    count(hour.flights),
    decimal(hour.meanDelay),
    count(hour.maxDelay),
  ]);
  return table(['airport', 'city', 'hour', 'flights', 'mean delay min', 'max'], rows, [3, 4, 5]);
}

function windows({ top }: Ranking<AirportWindow>): string {
  const rows = top.map(({ origin, windowStart, windowEnd, flights, meanDelay }) => [
    origin,
    eventTime(windowStart),
    eventTime(windowEnd),
    count(flights),
    decimal(meanDelay),
  ]);
  return table(['airport', 'from', 'to', 'flights', 'mean delay min'], rows, [3, 4]);
}

function busiest(operators: readonly OperatorStatus[]): string | undefined {
  const byTime = operators.toSorted((a, b) => b.times.busyMs - a.times.busyMs);
  const total = byTime.reduce((sum, { times }) => sum + times.busyMs, 0);
  const first = byTime[0];
  if (first === undefined || total === 0) return undefined;
  const share = (operator: OperatorStatus) => `${operator.id} ${Math.round((100 * operator.times.busyMs) / total)} %`;
  return `Busiest operator: ${first.id} (${first.kind}), ${duration(first.times.busyMs)} of work. Shares: ${byTime.slice(0, 5).map(share).join(', ')}.`;
}

function next(ranNow: boolean): string {
  return [
    'What to try next:',
    '  npx sabot telemetry traces --limit 5                     the last batches, span by span',
    '  npx sabot telemetry metrics --component stream           what every operator did',
    '  npx sabot telemetry status                               what is on, and where each setting came from',
    ranNow
      ? '  npm run demo                                             nothing left to do: state and results are kept'
      : '  npm run demo -- --fresh                                  start over',
  ].join('\n');
}
