import { createTraceState, type SpanContext } from '@opentelemetry/api';
import type { TraceContext } from './trace-context.js';

/** Sabot's context of an OpenTelemetry one. */
export function fromApiContext(context: SpanContext): TraceContext {
  const { traceId, spanId, traceFlags } = context;
  const traceState = context.traceState?.serialize();
  return traceState === undefined || traceState === ''
    ? { traceId, spanId, traceFlags }
    : { traceId, spanId, traceFlags, traceState };
}

/** OpenTelemetry's context of a Sabot one; `isRemote` because it is only used for spans that the SDK did not make. */
export function toApiContext(context: TraceContext): SpanContext {
  const { traceId, spanId, traceFlags, traceState } = context;
  return {
    traceId,
    spanId,
    traceFlags,
    isRemote: true,
    ...(traceState === undefined ? {} : { traceState: createTraceState(traceState) }),
  };
}
