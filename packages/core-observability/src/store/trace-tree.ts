import type { ReceivedSpan } from '../otlp/trace-json.js';

/** A span with the spans that it caused, in the order they began. */
export interface SpanNode {
  readonly span: ReceivedSpan;
  readonly children: readonly SpanNode[];
}

/** All kept spans of one trace. */
export interface TraceTree {
  readonly traceId: string;
  /** Spans whose parent was not kept or is in another process's store; usually one. */
  readonly roots: readonly SpanNode[];
  readonly startTimeMs: number;
  /** From the first start to the last end. */
  readonly durationMs: number;
  readonly spanCount: number;
  readonly errorCount: number;
  readonly services: readonly string[];
}

/** The tree of a trace's spans; `spans` has at least one. */
export function buildTrace(spans: readonly ReceivedSpan[]): TraceTree {
  const nodes = new Map<string, { span: ReceivedSpan; children: SpanNode[] }>();
  const ordered = [...spans].sort((left, right) => left.startTimeMs - right.startTimeMs);
  for (const span of ordered) nodes.set(span.spanId, { span, children: [] });
  const roots: SpanNode[] = [];
  for (const node of nodes.values()) {
    const parent = node.span.parentSpanId === undefined ? undefined : nodes.get(node.span.parentSpanId);
    // A span that names itself as parent would hang in the air.
    (parent === undefined || parent === node ? roots : parent.children).push(node);
  }
  const startTimeMs = ordered[0]?.startTimeMs ?? 0;
  const endTimeMs = ordered.reduce((latest, span) => Math.max(latest, span.endTimeMs), startTimeMs);
  return {
    traceId: ordered[0]?.traceId ?? '',
    roots,
    startTimeMs,
    durationMs: endTimeMs - startTimeMs,
    spanCount: nodes.size,
    errorCount: ordered.filter((span) => span.status.code === 'error').length,
    services: [...new Set(ordered.map(serviceOf))],
  };
}

/** The `service.name` of the process that made a span. */
export function serviceOf(span: Pick<ReceivedSpan, 'resource'>): string {
  return String(span.resource['service.name'] ?? '');
}
