import { defineSchema, int64, timestamp, utf8 } from '@sabot/columnar';

/** One row per flight, in the order of departure. */
export const flightSchema = defineSchema({
  /** Scheduled departure, local time of the origin. */
  date: timestamp('us'),
  /** Minutes; negative when early. */
  delay: int64(),
  /** Miles. */
  distance: int64(),
  /** IATA code. */
  origin: utf8(),
  destination: utf8(),
});

/** The columns of `airports.csv` that the demo needs. */
export const airportSchema = defineSchema({ iata: utf8(), city: utf8(), state: utf8() });

/** Delays outside of this range are entries of the wrong day, not delays. */
export const plausibleDelay = { minimum: -60, maximum: 1200 } as const;

/** From how many minutes on a flight counts as late, as the US Department of Transportation counts it. */
export const lateFromMinutes = 15;

/** A jam: three hours in which an airport's flights left an hour late on average. */
export const jamRule = { hours: 3, everyMinutes: 30, minimumFlights: 20, meanDelay: 60 } as const;

/** A burst: late departures of an airport, none of them a quarter of an hour after the one before. */
export const burstRule = { gapMinutes: 15, minimumFlights: 25 } as const;
