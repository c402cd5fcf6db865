import { type JsonTraceRequest, type ReceivedSpan, readTraceRequest } from '../otlp/trace-json.js';
import type { TraceFilter } from '../store/trace-query.js';
import { buildTrace, type TraceTree } from '../store/trace-tree.js';
import { getJson } from './get-json.js';
import { type LegacyAnswer, readLegacyTraces } from './jaeger-legacy.js';

/** Where traces can be read from: the local store, or a backend. */
export interface TraceReader {
  /** The newest traces that fit the filter, newest first. */
  traces(filter?: TraceFilter): Promise<readonly TraceTree[]>;
}

const NAME = 'Jaeger';
const DEFAULT_LIMIT = 10;
/** Where nobody says since when. */
const DEFAULT_SINCE_MS = 24 * 3_600_000;

/**
 * Reads traces from the query service of a Jaeger, usually on port 16686: by its API version 3, or by the older one where that is
 * missing. Without a service in the filter, those of all services.
 * Errors of its method: `SABOT_TELEMETRY_BACKEND_UNREADABLE`.
 */
export function openJaeger(url: string): TraceReader {
  const base = url.replace(/\/$/, '');
  return {
    async traces(filter = {}) {
      const services = filter.service === undefined ? await servicesOf(base) : [filter.service];
      const found = await Promise.all(services.map((service) => spansOf(base, service, filter)));
      return newest(found.flat(), filter);
    },
  };
}

async function servicesOf(base: string): Promise<readonly string[]> {
  const modern = await getJson(NAME, new URL(`${base}/api/v3/services`));
  if (modern.kind === 'json') return (modern.value as { readonly services?: readonly string[] }).services ?? [];
  const legacy = await getJson(NAME, new URL(`${base}/api/services`));
  // `data` is null when Jaeger has never seen a span.
  return legacy.kind === 'json' ? ((legacy.value as { readonly data?: readonly string[] | null }).data ?? []) : [];
}

async function spansOf(base: string, service: string, filter: TraceFilter): Promise<readonly ReceivedSpan[]> {
  const modern = await getJson(NAME, modernQuery(base, service, filter));
  if (modern.kind === 'json') {
    const { result } = modern.value as { readonly result?: JsonTraceRequest };
    return result === undefined ? [] : readTraceRequest(result);
  }
  // Version 3 says with 404 that it found nothing; a server without it has no such path.
  if (modern.text.includes('No traces found')) return [];
  const legacy = await getJson(NAME, legacyQuery(base, service, filter));
  return legacy.kind === 'json' ? readLegacyTraces(legacy.value as LegacyAnswer) : [];
}

/** Source: Jaeger, `query_service.proto` of API version 3. */
function modernQuery(base: string, service: string, filter: TraceFilter): URL {
  const { operation, minDurationMs, sinceMs = Date.now() - DEFAULT_SINCE_MS, limit = DEFAULT_LIMIT } = filter;
  const query = new URLSearchParams({
    'query.service_name': service,
    'query.start_time_min': new Date(sinceMs).toISOString(),
    'query.start_time_max': new Date(Date.now() + 60_000).toISOString(),
    'query.search_depth': String(limit),
    'query.num_traces': String(limit),
  });
  if (operation !== undefined) query.set('query.operation_name', operation);
  if (minDurationMs !== undefined) query.set('query.duration_min', `${minDurationMs}ms`);
  return new URL(`${base}/api/v3/traces?${query}`);
}

function legacyQuery(base: string, service: string, filter: TraceFilter): URL {
  const {
    operation,
    minDurationMs,
    errorsOnly,
    sinceMs = Date.now() - DEFAULT_SINCE_MS,
    limit = DEFAULT_LIMIT,
  } = filter;
  const query = new URLSearchParams({
    service,
    start: String(Math.floor(sinceMs * 1000)),
    end: String((Date.now() + 60_000) * 1000),
    limit: String(limit),
  });
  if (operation !== undefined) query.set('operation', operation);
  if (minDurationMs !== undefined) query.set('minDuration', `${minDurationMs}ms`);
  if (errorsOnly === true) query.set('tags', '{"error":"true"}');
  return new URL(`${base}/api/traces?${query}`);
}

function newest(
  spans: readonly ReceivedSpan[],
  { errorsOnly, limit = DEFAULT_LIMIT }: TraceFilter,
): readonly TraceTree[] {
  const byTrace = new Map<string, Map<string, ReceivedSpan>>();
  for (const span of spans) {
    // A trace of two services is found by both.
    const known = byTrace.get(span.traceId) ?? new Map<string, ReceivedSpan>();
    byTrace.set(span.traceId, known.set(span.spanId, span));
  }
  return [...byTrace.values()]
    .map((each) => buildTrace([...each.values()]))
    .filter(({ errorCount }) => errorsOnly !== true || errorCount > 0)
    .sort((left, right) => right.startTimeMs - left.startTimeMs)
    .slice(0, limit);
}
