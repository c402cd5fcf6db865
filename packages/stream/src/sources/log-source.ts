import { type Batch, type Fields, type Schema, selectColumns, sliceBatch } from '@sabot/columnar';
import { decodeBatch } from '@sabot/columnar/ipc';
import { streamErrors } from '../errors.js';
import type { Log } from '../ports/log.js';
import type { Polled, Source, SourceReader, SplitPosition } from '../ports/source.js';

export interface LogSourceOptions<F extends Fields> {
  readonly schema: Schema<F>;
  /** Whether it ends behind the message that was the last when it was opened; default false: it waits for more. */
  readonly bounded?: boolean;
  /** What messages and plans call the source; default the topic. */
  readonly name?: string;
}

/** Messages that are read at a time. */
const READ_AHEAD = 64;

/**
 * The batches of a topic, each message one in Arrow IPC, as `logSink` writes them; one split, resumable by sequence.
 *
 * Errors: those of the log (`LOG_CORRUPT`, `LOG_TRUNCATED`, `LOG_FAILED`), `SCHEMA_MISMATCH` for a message of other columns.
 *
 * @example
 * const orders = Stream.from(logSource(log, 'orders', { schema }), { eventTime: 'at' });
 */
export function logSource<F extends Fields>(log: Log, topic: string, options: LogSourceOptions<F>): Source<F> {
  const { schema, bounded = false, name = topic } = options;
  return {
    name,
    schema,
    bounded,
    splits: async () => [{ id: topic }],
    async read(_split, position, { columns, batchRows }) {
      const start = startOf(topic, position);
      const last = bounded ? await log.last(topic) : Number.POSITIVE_INFINITY;
      return new LogReader(log, topic, schema, columns ?? schema.names, batchRows, start, last);
    },
  };
}

interface Place {
  readonly sequence: number;
  /** Rows of the message that were taken. */
  readonly row: number;
}

class LogReader implements SourceReader {
  private readonly log: Log;
  private readonly topic: string;
  private readonly schema: Schema;
  private readonly columns: readonly string[];
  private readonly batchRows: number;
  private readonly last: number;
  private at: Place;
  private current: Batch | undefined;
  private ahead: { readonly sequence: number; readonly payload: Uint8Array }[] = [];

  constructor(
    log: Log,
    topic: string,
    schema: Schema,
    columns: readonly string[],
    batchRows: number,
    start: Place,
    last: number,
  ) {
    this.log = log;
    this.topic = topic;
    this.schema = schema;
    this.columns = columns;
    this.batchRows = batchRows;
    this.at = start;
    this.last = last;
  }

  async poll(signal: AbortSignal): Promise<Polled> {
    signal.throwIfAborted();
    for (;;) {
      if (this.at.sequence > this.last) return { kind: 'end' };
      this.current ??= await this.message(this.at.sequence);
      if (this.current === undefined) return { kind: 'empty' };
      const { numRows } = this.current;
      if (this.at.row < numRows) return this.slice(this.current);
      this.current = undefined;
      this.at = { sequence: this.at.sequence + 1, row: 0 };
    }
  }

  async close(): Promise<void> {
    this.current = undefined;
    this.ahead = [];
  }

  private slice(message: Batch): Polled {
    const end = Math.min(message.numRows, this.at.row + this.batchRows);
    const batch = sliceBatch(message, this.at.row, end);
    this.at = { ...this.at, row: end };
    return { kind: 'batch', batch, position: { ...this.at } };
  }

  /** Undefined: the message has not been written yet. */
  private async message(sequence: number): Promise<Batch | undefined> {
    if (this.ahead.length === 0) this.ahead = [...(await this.log.read(this.topic, sequence, READ_AHEAD))];
    const next = this.ahead.shift();
    return next === undefined ? undefined : selectColumns(decodeBatch(this.schema, next.payload), this.columns);
  }
}

function startOf(topic: string, position: SplitPosition | undefined): Place {
  if (position === undefined) return { sequence: 1, row: 0 };
  const { sequence, row } = position;
  if (typeof sequence === 'number' && typeof row === 'number') return { sequence, row };
  throw streamErrors.error('POSITION_INVALID', {
    what: `cannot go on in topic "${topic}"`,
    why: 'it is no position of a log',
  });
}
