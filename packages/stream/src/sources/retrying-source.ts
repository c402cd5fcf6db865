import { isSabotError } from '@sabot/core-observability/errors';
import { streamErrors } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import type { Polled, ScanRequest, Source, SourceReader, SourceSplit, SplitPosition } from '../ports/source.js';
import { type Backoff, backoffMs, backoffOf, pause, type RetryOptions, withTimeout } from '../time/backoff.js';
import { systemClock } from '../time/system-clock.js';

export interface SourceRetryOptions {
  /** How often reading is tried again from the last position; default: it is not. Counted anew after every batch. */
  readonly retry?: RetryOptions;
  /** After how long a poll that has not answered counts as failed, milliseconds; default: never. */
  readonly pollTimeoutMs?: number;
}

/**
 * A source that is opened again where it stood when the outside world fails it: failures of kind `operational`, and those
 * without a code, are tried again; a wrong schema stays one.
 */
export function retryingSource(source: Source, options: SourceRetryOptions, clock: Clock = systemClock): Source {
  const { pollTimeoutMs } = options;
  const backoff = backoffOf(options.retry);
  if (pollTimeoutMs !== undefined && !(Number.isSafeInteger(pollTimeoutMs) && pollTimeoutMs >= 1)) {
    throw streamErrors.error('OPTION_INVALID', {
      what: `cannot use pollTimeoutMs ${pollTimeoutMs}`,
      why: 'it must be a whole number of milliseconds, at least 1',
    });
  }
  return {
    ...source,
    splits: () => source.splits(),
    async read(split, position, request) {
      const reader = new RetryingReader({ source, split, request, backoff, clock, pollTimeoutMs }, position);
      await reader.open();
      return reader;
    },
  };
}

interface Reading {
  readonly source: Source;
  readonly split: SourceSplit;
  readonly request: ScanRequest & { readonly batchRows: number };
  readonly backoff: Backoff;
  readonly clock: Clock;
  readonly pollTimeoutMs: number | undefined;
}

class RetryingReader implements SourceReader {
  private readonly reading: Reading;
  private position: SplitPosition | undefined;
  private reader: SourceReader | undefined;

  constructor(reading: Reading, position: SplitPosition | undefined) {
    this.reading = reading;
    this.position = position;
  }

  async open(): Promise<void> {
    const { source, split, request } = this.reading;
    this.reader = await source.read(split, this.position, request);
  }

  async poll(signal: AbortSignal): Promise<Polled> {
    const { backoff, clock, source, pollTimeoutMs } = this.reading;
    for (let failures = 0; ; ) {
      try {
        const polled = await withTimeout(
          clock,
          pollTimeoutMs,
          signal,
          (own) => this.ask(own),
          () => hung(source.name, pollTimeoutMs),
        );
        if (polled.kind === 'batch') this.position = polled.position;
        return failures === 0 ? polled : { ...polled, retries: failures };
      } catch (error) {
        failures++;
        if (signal.aborted || failures >= backoff.attempts || !isOutside(error)) throw error;
        // Whatever was under way is given up: the next try begins behind the last batch that was taken.
        this.abandon();
        await pause(clock, backoffMs(backoff, failures), signal);
        signal.throwIfAborted();
      }
    }
  }

  async close(): Promise<void> {
    await this.reader?.close();
  }

  private async ask(signal: AbortSignal): Promise<Polled> {
    if (this.reader === undefined) await this.open();
    return (this.reader as unknown as SourceReader).poll(signal);
  }

  /** A reader that hangs may hang in closing, too. */
  private abandon(): void {
    this.reader?.close().catch(() => undefined);
    this.reader = undefined;
  }
}

function isOutside(error: unknown): boolean {
  return !isSabotError(error) || error.kind === 'operational';
}

function hung(source: string, pollTimeoutMs: number | undefined) {
  return streamErrors.error('TIMED_OUT', {
    what: `source "${source}" did not answer`,
    why: `it took longer than ${pollTimeoutMs} ms`,
  });
}
