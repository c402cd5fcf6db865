import { type Fields, projectSchema, selectColumns, sliceBatch } from '@sabot/columnar';
import type { Source } from '@sabot/stream';
import type { Polled, SourceReader, SplitPosition } from '@sabot/stream/ports';
import { type DepartureBoard, emptyBoard, type Place, withFlights, without } from './departure-board.js';

/** The timetable is read ahead in batches of this many flights. */
const readAheadRows = 65_536;

/**
 * A source around another: the flights as an observer hears of them, when they take off. The timetable lists a flight at
 * its scheduled time; one that leaves three hours late is heard of among those scheduled three hours later.
 *
 * Algorithm: flights are read in the order of the timetable and held back until none that is still to come can have taken
 *   off before; then they are given out by departure, in batches of exactly `batchRows`.
 * State: the flights of the last 21 hours, and what has been read ahead.
 * Correctness: the order is total (departure, row of the file), so a position is a place in it, and the first row of the
 *   file that is not given out yet: reading goes on there and leaves out what is at or before that place.
 *
 * Errors: those of the timetable, and `SABOT_DEMO_NOT_IN_ORDER`.
 */
export function asDeparted<F extends Fields>(timetable: Source<F>): Source<F> {
  return {
    name: timetable.name,
    schema: timetable.schema,
    bounded: timetable.bounded,
    splits: () => timetable.splits(),
    async read(split, position, { columns, batchRows }) {
      const wanted = columns ?? timetable.schema.names;
      const needed = [...new Set([...wanted, 'date', 'delay'])];
      const from = position === undefined ? undefined : { ...position, row: position['readFrom'] ?? null };
      const reader = await timetable.read(split, from, { columns: needed, batchRows: readAheadRows });
      const board = emptyBoard(projectSchema(timetable.schema, needed));
      return new ArrivalReader(reader, board, { wanted, batchRows, position });
    },
  };
}

/** Whether a position is one of this order, and not of the timetable's own. */
export function isArrivalPosition(position: SplitPosition): boolean {
  return 'readFrom' in position;
}

interface ArrivalRequest {
  readonly wanted: readonly string[];
  readonly batchRows: number;
  readonly position: SplitPosition | undefined;
}

class ArrivalReader implements SourceReader {
  private readonly timetable: SourceReader;
  private readonly request: ArrivalRequest;
  private readonly resumedAfter: Place;
  private board: DepartureBoard;
  private ended = false;
  private given: number;
  private nextFileRow: number;
  private filePosition: SplitPosition = {};

  constructor(timetable: SourceReader, board: DepartureBoard, request: ArrivalRequest) {
    const { position } = request;
    this.timetable = timetable;
    this.board = board;
    this.request = request;
    this.given = Number(position?.['row'] ?? 0);
    this.nextFileRow = Number(position?.['readFrom'] ?? 0);
    const departureUs = Number(position?.['departureUs'] ?? Number.NEGATIVE_INFINITY);
    this.resumedAfter = { departureUs, fileRow: Number(position?.['fileRow'] ?? -1) };
  }

  async poll(signal: AbortSignal): Promise<Polled> {
    const { batchRows, wanted } = this.request;
    while (!this.ended && this.board.complete < batchRows) await this.readAhead(signal);
    const { board } = this;
    const rows = Math.min(batchRows, this.ended ? board.flights.numRows : board.complete);
    if (rows === 0) return { kind: 'end' };
    const departureUs = board.departureUs[rows - 1] as number;
    const fileRow = board.fileRow[rows - 1] as number;
    this.given += rows;
    this.board = without(board, rows);
    const readFrom = this.board.fileRow.reduce((first, row) => Math.min(first, row), this.nextFileRow);
    const position = { ...this.filePosition, row: this.given, readFrom, departureUs, fileRow };
    return { kind: 'batch', batch: selectColumns(sliceBatch(board.flights, 0, rows), wanted), position };
  }

  close(): Promise<void> {
    return this.timetable.close();
  }

  private async readAhead(signal: AbortSignal): Promise<void> {
    const polled = await this.timetable.poll(signal);
    this.ended = polled.kind === 'end';
    if (polled.kind !== 'batch') return;
    this.board = withFlights(this.board, polled.batch, this.nextFileRow, this.resumedAfter);
    this.nextFileRow += polled.batch.numRows;
    this.filePosition = polled.position;
  }
}
