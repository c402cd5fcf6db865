import { type Batch, type Column, emptyBatch, readInt64, type Schema, sliceBatch } from '@sabot/columnar';
import { concatBatches, takeBatch } from '@sabot/columnar/kernels';
import { demoErrors } from '../errors.js';
import { plausibleDelay } from '../flights.js';

const minuteUs = 60_000_000;

/** A flight's place in the order of departure; no two flights share one. */
export interface Place {
  /** Epoch microseconds, local time of the origin. */
  readonly departureUs: number;
  /** Of flights that took off in the same minute, the one that stands first in the file comes first. */
  readonly fileRow: number;
}

/** Flights in the order of departure. */
export interface DepartureBoard {
  readonly flights: Batch;
  readonly departureUs: Float64Array;
  readonly fileRow: Float64Array;
  /** So many, from the first, are known to be complete: no flight to come took off before. */
  readonly complete: number;
  /** Scheduled time of the last flight read. */
  readonly scheduledUs: number;
}

export function emptyBoard(schema: Schema): DepartureBoard {
  const none = new Float64Array(0);
  return {
    flights: emptyBatch(schema),
    departureUs: none,
    fileRow: none,
    complete: 0,
    scheduledUs: Number.NEGATIVE_INFINITY,
  };
}

/** The board without its first flights. */
export function without(board: DepartureBoard, first: number): DepartureBoard {
  return {
    ...board,
    flights: sliceBatch(board.flights, first, board.flights.numRows),
    departureUs: board.departureUs.subarray(first),
    fileRow: board.fileRow.subarray(first),
    complete: board.complete - first,
  };
}

/**
 * The board with the next flights of the timetable, those behind `after` in the order of departure.
 *
 * Errors: `SABOT_DEMO_NOT_IN_ORDER`.
 */
export function withFlights(board: DepartureBoard, next: Batch, firstFileRow: number, after: Place): DepartureBoard {
  const flights = concatBatches(board.flights.schema, [board.flights, next]);
  const before = board.flights.numRows;
  const departureUs = extended(board.departureUs, flights.numRows);
  const fileRow = extended(board.fileRow, flights.numRows);
  const rows = new Int32Array(flights.numRows);
  for (let row = 0; row < before; row++) rows[row] = row;
  let kept = before;
  let { scheduledUs } = board;
  const date = next.column('date');
  const delay = next.column('delay');
  for (let row = 0; row < next.numRows; row++) {
    const dateUs = readInt64(date, row);
    if (dateUs < scheduledUs) throw notInOrder(firstFileRow + row);
    scheduledUs = dateUs;
    const departedUs = dateUs + delayUs(delay, row);
    departureUs[before + row] = departedUs;
    fileRow[before + row] = firstFileRow + row;
    if (departedUs > after.departureUs || (departedUs === after.departureUs && firstFileRow + row > after.fileRow)) {
      rows[kept++] = before + row;
    }
  }
  const order = rows.subarray(0, kept);
  // Stable: those of one minute stay as they stand in the file.
  order.sort((a, b) => (departureUs[a] as number) - (departureUs[b] as number));
  const sorted = Float64Array.from(order, (row) => departureUs[row] as number);
  return {
    flights: takeBatch(flights, order),
    departureUs: sorted,
    fileRow: Float64Array.from(order, (row) => fileRow[row] as number),
    complete: countUpTo(sorted, scheduledUs + plausibleDelay.minimum * minuteUs),
    scheduledUs,
  };
}

/** A delay of another day is an entry of the wrong day; it must not hold everything up. */
function delayUs(delay: Column, row: number): number {
  return Math.min(plausibleDelay.maximum, Math.max(plausibleDelay.minimum, readInt64(delay, row))) * minuteUs;
}

function extended(values: Float64Array, length: number): Float64Array {
  const longer = new Float64Array(length);
  longer.set(values);
  return longer;
}

function countUpTo(sorted: Float64Array, limit: number): number {
  const beyond = sorted.findIndex((value) => value > limit);
  return beyond === -1 ? sorted.length : beyond;
}

function notInOrder(row: number): Error {
  return demoErrors.error('NOT_IN_ORDER', {
    what: 'cannot put the flights into the order in which they took off',
    why: `row ${row} of the file is scheduled before the one before it`,
  });
}
