import { defineSchema, float64, int64, timestamp, utf8 } from '@sabot/columnar';
import { structCodec, valueState } from '@sabot/state';
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

const totals = structCodec({
  flights: 'float64',
  lateFlights: 'float64',
  delay: 'float64',
  maxDelay: 'float64',
  miles: 'float64',
});

const dayMs = 86_400_000;
const none = () => ({ flights: 0, lateFlights: 0, delay: 0, maxDelay: Number.NEGATIVE_INFINITY, miles: 0 });

/** Running totals per airport in the persistent store, given out at the end of each of the airport's days. */
export const runningStatistics = keyedProcess({
  name: 'running-statistics',
  input: flightSchema,
  key: 'origin',
  output: statisticsSchema,
  eventTime: 'dayEnd',
  state: { totals: valueState(totals, { initial: none }) },
  onRow(row, { state, timer, timeMs }) {
    const delay = Number(row.delay);
    const sums = state.totals.get();
    sums.flights += 1;
    sums.lateFlights += delay >= lateFromMinutes ? 1 : 0;
    sums.delay += delay;
    sums.maxDelay = Math.max(sums.maxDelay, delay);
    sums.miles += Number(row.distance);
    state.totals.set(sums);
    timer.eventTime((Math.floor(timeMs / dayMs) + 1) * dayMs);
  },
  onTimer(timeMs, { origin }, { state, emit }) {
    const { flights, lateFlights, delay, maxDelay, miles } = state.totals.get();
    emit({
      origin,
      dayEnd: timeMs,
      flights: BigInt(flights),
      lateFlights: BigInt(lateFlights),
      meanDelay: delay / flights,
      maxDelay: BigInt(maxDelay),
      miles: BigInt(miles),
    });
  },
});
