import type { SpanHandle } from '../observability.js';
import type { FlightRecorder } from '../recorder/flight-recorder.js';
import { nowMs } from './clock.js';
import { describeFailure } from './failure.js';
import { type TraceIdentity, wordToHex } from './span-identity.js';
import type { AttributeValue } from './span-record.js';
import type { TraceContext } from './trace-context.js';

const NO_TRACE: TraceContext = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 };

/** A span that nothing keeps and nothing measures: every call is free of work. */
export const noSpan: SpanHandle = {
  context: NO_TRACE,
  recording: false,
  set: () => undefined,
  event: () => undefined,
  recordFailure: () => undefined,
  end: () => undefined,
};

/** A batch root outside the sample: known to the flight recorder, carried to children as "not sampled". */
export class PassiveSpan implements SpanHandle {
  readonly recording = false;
  private readonly trace: TraceIdentity;
  private readonly recorder: FlightRecorder;
  private readonly sequence: number;
  private readonly spanHigh: number;
  private readonly spanLow: number;
  private errorType: string | undefined;
  private identity: TraceContext | undefined;
  private ended = false;

  constructor(trace: TraceIdentity, spanHigh: number, spanLow: number, recorder: FlightRecorder, sequence: number) {
    this.trace = trace;
    this.spanHigh = spanHigh;
    this.spanLow = spanLow;
    this.recorder = recorder;
    this.sequence = sequence;
  }

  get context(): TraceContext {
    if (this.identity === undefined) {
      const { traceId, traceState } = this.trace;
      const spanId = wordToHex(this.spanHigh) + wordToHex(this.spanLow);
      this.identity = { traceId, spanId, traceFlags: 0, ...(traceState === undefined ? {} : { traceState }) };
    }
    return this.identity;
  }

  set(name: string, value: AttributeValue): void {
    if (!this.ended) this.recorder.set(this.sequence, name, value);
  }

  event(): void {
    // The flight recorder keeps no events; a span outside the sample has nowhere else to put them.
  }

  recordFailure(error: unknown): void {
    if (!this.ended) this.errorType = describeFailure(error).type;
  }

  end(endTimeMs?: number): void {
    if (this.ended) return;
    this.ended = true;
    this.recorder.end(this.sequence, endTimeMs ?? nowMs(), this.errorType);
  }
}

/** A child of a span that is not kept: carries its context, and tells it of a failure. */
export class PassiveChild implements SpanHandle {
  readonly recording = false;
  private readonly root: SpanHandle;

  constructor(root: SpanHandle) {
    this.root = root;
  }

  get context(): TraceContext {
    return this.root.context;
  }

  set(): void {
    // Nothing keeps a child outside the sample.
  }

  event(): void {
    // Nothing keeps a child outside the sample.
  }

  recordFailure(error: unknown): void {
    this.root.recordFailure(error);
  }

  end(): void {
    // The root ends itself.
  }
}
