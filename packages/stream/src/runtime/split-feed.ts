import { batchBytes } from '@sabot/columnar';
import type { Clock } from '../ports/clock.js';
import type { Polled, SourceReader, SplitPosition } from '../ports/source.js';

/** A quiet split is asked again after this long. */
const QUIET_MS = 5;

/**
 * Keeps one answer of a split at hand: the next poll starts when the former answer is taken, so reading overlaps with
 * processing and never runs more than one batch ahead. Without a reader the split had ended before this start.
 */
export class SplitFeed {
  readonly id: string;
  /** After the last batch that was taken; undefined: nothing has been. */
  position: SplitPosition | undefined;
  ended: boolean;
  /** Tries that failed before answers, since whoever counts them set it to 0. */
  retries = 0;
  private readonly reader: SourceReader | undefined;
  private readonly clock: Clock;
  private readonly signal: AbortSignal;
  private readonly onArrival: () => void;
  private answer: Extract<Polled, { kind: 'batch' | 'end' }> | undefined;
  private failure: { readonly error: unknown } | undefined;
  private cancelDelay: (() => void) | undefined;
  private stopped = false;

  constructor(
    id: string,
    reader: SourceReader | undefined,
    position: SplitPosition | undefined,
    runtime: { readonly clock: Clock; readonly signal: AbortSignal; readonly onArrival: () => void },
  ) {
    this.id = id;
    this.reader = reader;
    this.ended = reader === undefined;
    this.position = position;
    this.clock = runtime.clock;
    this.signal = runtime.signal;
    this.onArrival = runtime.onArrival;
  }

  get hasAnswer(): boolean {
    return this.answer !== undefined || this.failure !== undefined;
  }

  /** Of the batch at hand. */
  get heldBytes(): number {
    return this.answer?.kind === 'batch' ? batchBytes(this.answer.batch) : 0;
  }

  start(): void {
    if (this.stopped || this.ended || this.reader === undefined) return;
    this.reader.poll(this.signal).then(
      (polled) => this.arrived(polled),
      (error: unknown) => {
        this.failure = { error };
        if (!this.stopped) this.onArrival();
      },
    );
  }

  /** The batch at hand, or undefined when the split has ended; rethrows what the reader failed with. Starts the next poll. */
  take(): Extract<Polled, { kind: 'batch' }> | undefined {
    if (this.failure !== undefined) throw this.failure.error;
    const answer = this.answer;
    this.answer = undefined;
    if (answer === undefined) return undefined;
    if (answer.kind === 'end') {
      this.ended = true;
      return undefined;
    }
    this.position = answer.position;
    this.start();
    return answer;
  }

  /** No further poll begins; one under way is left to the abort signal. */
  stop(): void {
    this.stopped = true;
    this.cancelDelay?.();
  }

  private arrived(polled: Polled): void {
    if (this.stopped) return;
    this.retries += polled.retries ?? 0;
    if (polled.kind === 'empty') {
      this.cancelDelay = this.clock.schedule(QUIET_MS, () => this.start());
      return;
    }
    this.answer = polled;
    this.onArrival();
  }
}
