import type { Fields } from '@sabot/columnar';
import { CHANGE_COLUMN } from '../changelog/change-kind.js';
import { streamErrors } from '../errors.js';
import type { SourceNode } from '../plan/plan-node.js';
import type { Source } from '../ports/source.js';
import type { RejectedRowFields } from '../sources/rejected-rows.js';
import { retryingSource, type SourceRetryOptions } from '../sources/retrying-source.js';
import { isTimeField } from '../time/event-time.js';
import { boundedDisorder, type WatermarkStrategy } from '../time/watermark-strategy.js';
import { requireWholeMs } from '../time/window-spec.js';
import { streamOf } from './described-stream.js';
import type { NamedOptions, StreamTime, TimeColumns } from './stream-options.js';
import type { Stream as DescribedStream } from './stream-types.js';

export interface SourceOptions extends NamedOptions, SourceRetryOptions {
  /** Rows per batch that the source is asked for; default the job's `batchRows`, else 8192. */
  readonly batchRows?: number;
}

export interface TimedSourceOptions<F extends Fields> extends SourceOptions {
  /** The timestamp column that says when a row happened; it must not be null. */
  readonly eventTime: TimeColumns<F>;
  /** How far behind the latest row the watermark stays; default `boundedDisorder({ maxDelayMs: 0 })`. */
  readonly watermark?: WatermarkStrategy;
  /** A split silent for so long no longer holds the watermark back; default: it always does. */
  readonly idleTimeoutMs?: number;
}

/** Describes what flows; see the methods. */
export type Stream<F extends Fields = Fields, T extends StreamTime = StreamTime> = DescribedStream<F, T>;

/** The rows of a source, and beside them those that it could not decode. */
export interface SourceStream<F extends Fields, T extends StreamTime> extends DescribedStream<F, T> {
  /**
   * Rows that could not be decoded: `line`, `text`, the error's code and message. Fails with `SABOT_STREAM_PLAN_INVALID`
   * unless the source was made with `onError: 'deadLetter'`.
   */
  readonly deadLetters: DescribedStream<RejectedRowFields, 'no-time'>;
}

interface StreamFactory {
  /**
   * The rows of a source.
   *
   * Errors: `SABOT_STREAM_EVENT_TIME_MISSING`, `SABOT_STREAM_OPTION_INVALID`.
   *
   * @example
   * const flights = Stream.from(csvSource('flights.csv', { schema }), { name: 'flights', eventTime: 'date' });
   */
  from<F extends Fields>(source: Source<F>, options: TimedSourceOptions<F>): SourceStream<F, 'event-time'>;
  from<F extends Fields>(source: Source<F>, options?: SourceOptions): SourceStream<F, 'no-time'>;
}

/** Where every program begins: `Stream.from(source)`. */
export const Stream: StreamFactory = {
  from<F extends Fields, T extends StreamTime>(
    source: Source,
    options: SourceOptions | TimedSourceOptions<Fields> = {},
  ) {
    return sourceStream<F, T>(sourceNode(source, options));
  },
};

function sourceStream<F extends Fields, T extends StreamTime>(node: SourceNode): SourceStream<F, T> {
  const stream = streamOf<Stream<F, T>>({ node, port: 0 });
  const deadLetters = {
    get: () => {
      if (node.outputs.length > 1) return streamOf({ node, port: 1 });
      throw streamErrors.error('PLAN_INVALID', {
        what: `cannot read dead letters of source "${node.source.name}"`,
        why: 'it sets no rows aside',
        remedy: "Make the source with `onError: 'deadLetter'`.",
      });
    },
  };
  // The property that the type has is defined here.
  return Object.defineProperty(stream, 'deadLetters', deadLetters) as SourceStream<F, T>;
}

function sourceNode(source: Source, options: SourceOptions | TimedSourceOptions<Fields>): SourceNode {
  const timed = 'eventTime' in options ? options : undefined;
  const { batchRows } = options;
  if (batchRows !== undefined && (!Number.isSafeInteger(batchRows) || batchRows < 1)) {
    throw streamErrors.error('OPTION_INVALID', {
      what: `cannot read source "${source.name}" in batches of ${batchRows} rows`,
      why: 'batchRows must be a whole number, at least 1',
    });
  }
  if (Object.hasOwn(source.schema.fields, CHANGE_COLUMN)) {
    throw streamErrors.error('PLAN_INVALID', {
      what: `cannot read source "${source.name}" as a stream`,
      why: `its column "${CHANGE_COLUMN}" says that its rows are changes, not new rows`,
    });
  }
  if (timed !== undefined && !isTimeField(source.schema.fields, timed.eventTime)) {
    throw streamErrors.error('EVENT_TIME_MISSING', {
      what: `cannot take event time from column "${timed.eventTime}" of source "${source.name}"`,
      why: 'the source has no timestamp column of that name',
      remedy: `Name one of its timestamp columns; it has ${source.schema.names.join(', ')}.`,
    });
  }
  for (const column of timed?.watermark?.columns ?? []) {
    if (Object.hasOwn(source.schema.fields, column)) continue;
    throw streamErrors.error('COLUMN_UNKNOWN', {
      what: `cannot take watermarks of source "${source.name}" from column "${column}"`,
      why: `it has ${source.schema.names.join(', ')}`,
    });
  }
  if (timed?.idleTimeoutMs !== undefined) requireWholeMs('idleTimeoutMs', timed.idleTimeoutMs, 1);
  const retries = options.retry !== undefined || options.pollTimeoutMs !== undefined;
  return {
    kind: 'source',
    name: options.name,
    outputs: [
      { schema: source.schema, eventTime: timed?.eventTime },
      ...(source.rejects === undefined ? [] : [{ schema: source.rejects, eventTime: undefined }]),
    ],
    source: retries ? retryingSource(source, options) : source,
    watermark: timed === undefined ? undefined : (timed.watermark ?? boundedDisorder()),
    idleTimeoutMs: timed?.idleTimeoutMs,
    batchRows,
    columns: undefined,
  };
}
