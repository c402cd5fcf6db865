import type { SpanHandle } from '../observability.js';
import type { FlightRecorder } from '../recorder/flight-recorder.js';
import { nowMs } from './clock.js';
import { describeFailure } from './failure.js';
import type { AttributeValue } from './span-record.js';
import type { TraceContext } from './trace-context.js';

/** A batch that only the flight recorder sees; it hands on the trace that it came from, if any, and makes none. */
export class RecorderSpan implements SpanHandle {
  readonly recording = false;
  readonly context: TraceContext;
  private readonly recorder: FlightRecorder;
  private readonly sequence: number;
  private errorType: string | undefined;
  private ended = false;

  constructor(recorder: FlightRecorder, sequence: number, context: TraceContext) {
    this.context = context;
    this.recorder = recorder;
    this.sequence = sequence;
  }

  set(name: string, value: AttributeValue): void {
    if (!this.ended) this.recorder.set(this.sequence, name, value);
  }

  event(): void {
    // The flight recorder keeps no events.
  }

  recordFailure(error: unknown): void {
    if (!this.ended) this.errorType = describeFailure(error).type;
  }

  keep(): void {
    // There is nowhere to keep it.
  }

  end(endTimeMs?: number): void {
    if (this.ended) return;
    this.ended = true;
    this.recorder.end(this.sequence, endTimeMs ?? nowMs(), this.errorType);
  }
}
