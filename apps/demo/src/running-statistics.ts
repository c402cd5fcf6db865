import { defineSchema, float64, int64, timestamp, utf8 } from '@sabot/columnar';
import { mapState, structCodec, valueState } from '@sabot/state';
import { keyedProcess } from '@sabot/stream';
import { flightSchema, lateFromMinutes } from './flights.js';

/** Everything known of an airport up to and including a day; the last row of an airport holds its totals. */
export const statisticsSchema = defineSchema({
  origin: utf8(),
  /** Midnight that ends the day. */
  dayEnd: timestamp('ms'),
  flights: int64(),
  lateFlights: int64(),
  /** Minutes. */
  meanDelay: float64(),
  maxDelay: int64(),
  /** Miles flown from here. */
  miles: int64(),
});

const sums = structCodec({
  flights: 'float64',
  lateFlights: 'float64',
  delay: 'float64',
  maxDelay: 'float64',
  miles: 'float64',
});

const none = () => ({ flights: 0, lateFlights: 0, delay: 0, maxDelay: Number.NEGATIVE_INFINITY, miles: 0 });

const dayMs = 86_400_000;

/**
 * Running totals per airport in the persistent store, given out at the end of each of the airport's days.
 *
 * A day has sums of its own until the watermark has passed its end: rows of the next day may have been seen by then.
 */
export const runningStatistics = keyedProcess({
  name: 'running-statistics',
  input: flightSchema,
  key: 'origin',
  output: statisticsSchema,
  eventTime: 'dayEnd',
  state: { total: valueState(sums, { initial: none }), days: mapState('timestamp', sums) },
  onRow(flight, { state: { days }, timer, timeMs }) {
    const dayEnd = (Math.floor(timeMs / dayMs) + 1) * dayMs;
    let day = days.get(dayEnd);
    if (day === undefined) {
      day = none();
      timer.eventTime(dayEnd);
    }
    const delay = Number(flight.delay);
    day.flights += 1;
    day.lateFlights += delay >= lateFromMinutes ? 1 : 0;
    day.delay += delay;
    day.maxDelay = Math.max(day.maxDelay, delay);
    day.miles += Number(flight.distance);
    days.set(dayEnd, day);
  },
  onTimer(dayEnd, { origin }, { state: { total, days }, emit }) {
    const day = days.get(dayEnd) ?? none();
    const before = total.get();
    const flights = before.flights + day.flights;
    const lateFlights = before.lateFlights + day.lateFlights;
    const delay = before.delay + day.delay;
    const maxDelay = Math.max(before.maxDelay, day.maxDelay);
    const miles = before.miles + day.miles;
    total.set({ flights, lateFlights, delay, maxDelay, miles });
    days.delete(dayEnd);
    emit({
      origin,
      dayEnd,
      flights: BigInt(flights),
      lateFlights: BigInt(lateFlights),
      meanDelay: delay / flights,
      maxDelay: BigInt(maxDelay),
      miles: BigInt(miles),
    });
  },
});
