import type { KeepReason, SpanHandle } from '../observability.js';
import type { TraceContext } from './trace-context.js';

/** The context of a span that belongs to no trace; it is not propagated. */
export const NO_TRACE: TraceContext = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 };

/** A span that nothing keeps and nothing measures: every call is free of work. */
export const noSpan: SpanHandle = {
  context: NO_TRACE,
  recording: false,
  set: () => undefined,
  event: () => undefined,
  recordFailure: () => undefined,
  keep: () => undefined,
  end: () => undefined,
};

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

  keep(reason: KeepReason): void {
    this.root.keep(reason);
  }

  end(): void {
    // The root ends itself.
  }
}
