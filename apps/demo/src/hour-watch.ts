import { defineAgent, runningDeviation } from '@sabot/agents';
import { defineSchema, float64, int64, timestamp, utf8 } from '@sabot/columnar';

/** What the agent reads of an hourly window. */
export const hourSchema = defineSchema({
  origin: utf8(),
  windowStart: timestamp('ms'),
  windowTime: timestamp('ms'),
  flights: int64(),
  meanDelay: float64(),
});

/** One row per hour of an airport that was far outside of the airport's own history. */
export const alertSchema = defineSchema({
  origin: utf8(),
  windowStart: timestamp('ms'),
  windowTime: timestamp('ms'),
  flights: int64(),
  /** Minutes. */
  meanDelay: float64(),
  /** Mean of the airport's hours before this one, minutes. */
  usualDelay: float64(),
  /** Standard deviations above the usual. */
  deviations: float64(),
});

/** An hour is compared with its airport's past only where there is enough of both. */
export const watchRule = { minimumHours: 100, minimumFlights: 5, deviations: 5 } as const;

/** Watches each airport's hours and raises an alert when one is far worse than the airport's own past. */
export function hourWatch(name: string) {
  return defineAgent({
    name,
    input: hourSchema,
    output: alertSchema,
    key: 'origin',
    eventTime: 'windowTime',
    state: { history: runningDeviation() },
    onRow(hour, { state: { history }, emit }) {
      const deviations = history.zScore(hour.meanDelay);
      if (
        history.count >= watchRule.minimumHours &&
        hour.flights >= watchRule.minimumFlights &&
        deviations > watchRule.deviations
      ) {
        const { origin, windowStart, windowTime, flights, meanDelay } = hour;
        emit({ origin, windowStart, windowTime, flights, meanDelay, usualDelay: history.mean, deviations });
      }
      history.add(hour.meanDelay);
    },
  });
}
