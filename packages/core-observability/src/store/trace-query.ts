import { type JsonTraceRequest, type ReceivedSpan, readTraceRequest } from '../otlp/trace-json.js';
import type { Segment } from './segment-files.js';
import { type ReadLosses, readSegment } from './segment-lines.js';
import { buildTrace, serviceOf, type TraceTree } from './trace-tree.js';

/** Which traces to give: those with a span that fits all of service, operation and duration. */
export interface TraceFilter {
  readonly service?: string;
  /** The name of a span, for example `process_batch`. */
  readonly operation?: string;
  /** The fitting span took at least this long. */
  readonly minDurationMs?: number;
  /** Only traces with a failed span. */
  readonly errorsOnly?: boolean;
  /** The fitting span ended at or after this time, epoch milliseconds. */
  readonly sinceMs?: number;
  /** At most this many, the newest; default 10. */
  readonly limit?: number;
}

/** The newest traces that fit, newest first. */
export async function queryTraces(
  segments: readonly Segment[],
  filter: TraceFilter,
  losses: ReadLosses,
): Promise<readonly TraceTree[]> {
  const newestFirst = [...segments].sort((left, right) => right.lastWriteMs - left.lastWriteMs);
  const { selected, scanned } = await selectTraces(newestFirst, filter, losses);
  if (selected.length === 0) return [];
  const spans = await spansOf(new Set(selected), scanned);
  return selected.map((traceId) => buildTrace(spans.get(traceId) ?? []));
}

interface Selection {
  readonly selected: readonly string[];
  readonly scanned: readonly Segment[];
}

/** First pass: which traces fit. Keeps ids only, so that a filter that nothing fits does not fill the memory. */
async function selectTraces(
  newestFirst: readonly Segment[],
  filter: TraceFilter,
  losses: ReadLosses,
): Promise<Selection> {
  const limit = filter.limit ?? 10;
  const fitting = new Map<string, number>();
  const failed = new Set<string>();
  const scanned: Segment[] = [];
  let selected: readonly string[] = [];
  let oldestMs = Number.POSITIVE_INFINITY;
  for (const segment of newestFirst) {
    if (segment.lastWriteMs < (filter.sinceMs ?? 0)) break;
    // Every segment that may hold spans of the traces already found is still read.
    if (selected.length === limit && segment.lastWriteMs < oldestMs) break;
    scanned.push(segment);
    for (const request of await readSegment<JsonTraceRequest>(segment, losses)) {
      for (const span of readTraceRequest(request)) note(span, filter, fitting, failed);
    }
    const candidates = [...fitting].filter(([traceId]) => filter.errorsOnly !== true || failed.has(traceId));
    candidates.sort(([, left], [, right]) => right - left);
    const newest = candidates.slice(0, limit);
    selected = newest.map(([traceId]) => traceId);
    oldestMs = newest.at(-1)?.[1] ?? Number.POSITIVE_INFINITY;
  }
  return { selected, scanned };
}

function note(span: ReceivedSpan, filter: TraceFilter, fitting: Map<string, number>, failed: Set<string>): void {
  if (span.status.code === 'error') failed.add(span.traceId);
  const fits =
    (filter.service === undefined || serviceOf(span) === filter.service) &&
    (filter.operation === undefined || span.name === filter.operation) &&
    span.endTimeMs - span.startTimeMs >= (filter.minDurationMs ?? 0) &&
    span.endTimeMs >= (filter.sinceMs ?? 0);
  if (!fits) return;
  fitting.set(span.traceId, Math.min(span.startTimeMs, fitting.get(span.traceId) ?? span.startTimeMs));
}

/** Second pass: all spans of the selected traces. */
async function spansOf(
  traceIds: ReadonlySet<string>,
  segments: readonly Segment[],
): Promise<ReadonlyMap<string, readonly ReceivedSpan[]>> {
  const spans = new Map<string, ReceivedSpan[]>();
  const ids = [...traceIds];
  // Unreadable lines were counted by the first pass.
  const ignored: ReadLosses = { tornLines: 0, badLines: 0 };
  for (const segment of segments) {
    const wanted = (line: string) => ids.some((id) => line.includes(id));
    for (const request of await readSegment<JsonTraceRequest>(segment, ignored, wanted)) {
      for (const span of readTraceRequest(request)) {
        if (!traceIds.has(span.traceId)) continue;
        const known = spans.get(span.traceId);
        if (known === undefined) spans.set(span.traceId, [span]);
        else known.push(span);
      }
    }
  }
  return spans;
}
