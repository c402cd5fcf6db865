import type { SpanKindName } from '../catalogue/catalogue.js';
import type { TraceContext } from './trace-context.js';

export type AttributeValue = string | number | boolean;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** Who emits: the package's name and version. */
export interface ScopeIdentity {
  readonly name: string;
  readonly version: string;
}

export interface SpanEvent {
  readonly name: string;
  readonly timeMs: number;
  readonly attributes: Attributes;
}

export interface SpanStatus {
  readonly code: 'unset' | 'ok' | 'error';
  readonly message?: string;
}

/** A finished span, in the form that every exporter serialises. */
export interface SpanRecord {
  readonly scope: ScopeIdentity;
  readonly name: string;
  readonly kind: SpanKindName;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly traceFlags: number;
  readonly traceState: string | undefined;
  readonly startTimeMs: number;
  readonly endTimeMs: number;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly droppedEvents: number;
  readonly links: readonly TraceContext[];
  readonly status: SpanStatus;
}

/** Where finished spans go. Must not throw and must not wait. */
export interface SpanSink {
  ended(span: SpanRecord): void;
}
