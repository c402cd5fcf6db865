import type { TelemetryCatalogue } from './catalogue/catalogue.js';
import { createBusinessCounter } from './metrics/business-counter.js';
import type { MetricInstrument } from './metrics/metric-instrument.js';
import type { MetricRegistry } from './metrics/metric-registry.js';
import type { DetailLevel, Instruments, Observability, ShutdownReport } from './observability.js';
import type { BoundSite, SpanBackend } from './tracing/span-backend.js';
import { createSpanFactory, traceWith } from './tracing/span-factory.js';
import type { ScopeIdentity } from './tracing/span-record.js';
import { VERSION } from './version.js';

/** Scope of what users make themselves: business metrics and `traceOperation`. */
const USER_SCOPE: ScopeIdentity = { name: 'sabot.user', version: VERSION };
/** Names given to `traceOperation` are few; a caller that makes them up per call must not fill the memory. */
const MAX_OPERATION_NAMES = 1000;
const OTHER = '(other)';

/** What an observability is assembled from; each mode brings its own. */
export interface ObservabilityParts {
  readonly mode: Observability['mode'];
  readonly serviceName: string;
  readonly detail: DetailLevel;
  readonly registry: MetricRegistry;
  readonly backend: SpanBackend;
  /** Told of every catalogue whose instruments are made. */
  readonly declared?: (catalogue: TelemetryCatalogue) => void;
  /** Told of every instrument made, so that an application's SDK can read it too. */
  readonly instrumentMade?: (instrument: MetricInstrument) => void;
  readonly flush: (timeoutMs: number) => Promise<void>;
  readonly shutdown: (timeoutMs: number) => Promise<ShutdownReport>;
}

const DEFAULT_DEADLINE_MS = 3000;

/** One observability over its parts. */
export function assembleObservability(parts: ObservabilityParts): Observability {
  const { backend, registry } = parts;
  const made = new WeakMap<TelemetryCatalogue, unknown>();
  const operationSite = operationSites(backend);
  let stopped: Promise<ShutdownReport> | undefined;

  return {
    mode: parts.mode,
    serviceName: parts.serviceName,
    detail: parts.detail,
    instruments<const C extends TelemetryCatalogue>(catalogue: C): Instruments<C> {
      const known = made.get(catalogue) ?? makeInstruments(parts, catalogue);
      made.set(catalogue, known);
      // The record below has exactly the catalogue's names; the compiler cannot follow the mapping over a runtime loop.
      return known as Instruments<C>;
    },
    traceOperation: (name, attributes, fn) => traceWith(backend, operationSite(name), attributes, fn),
    counter: (name, options = {}) => {
      const { unit = '1', description = '' } = options;
      const declaration = { name, kind: 'counter', unit, brief: description, attributes: [] } as const;
      const instrument = registry.instrument(USER_SCOPE, declaration);
      parts.instrumentMade?.(instrument);
      return createBusinessCounter(instrument);
    },
    activeContext: () => {
      const active = backend.activation.active();
      return active !== undefined && 'context' in active ? active.context : active;
    },
    flush: (timeoutMs = DEFAULT_DEADLINE_MS) => parts.flush(timeoutMs),
    shutdown: (timeoutMs = DEFAULT_DEADLINE_MS) => {
      stopped ??= parts.shutdown(timeoutMs);
      return stopped;
    },
  };
}

/** The sites of names given at run time, made at their first use. */
function operationSites(backend: SpanBackend): (name: string) => BoundSite {
  const sites = new Map<string, BoundSite>();
  const siteOf = (name: string): BoundSite => {
    const known = sites.get(name);
    if (known !== undefined) return known;
    if (sites.size >= MAX_OPERATION_NAMES && name !== OTHER) return siteOf(OTHER);
    const site = backend.bind({ scope: USER_SCOPE, name, kind: 'internal' });
    sites.set(name, site);
    return site;
  };
  return siteOf;
}

function makeInstruments(parts: ObservabilityParts, catalogue: TelemetryCatalogue): unknown {
  const scope: ScopeIdentity = { name: catalogue.scope, version: VERSION };
  const metrics: Record<string, MetricInstrument> = {};
  parts.declared?.(catalogue);
  for (const [key, declaration] of Object.entries(catalogue.metrics)) {
    const instrument = parts.registry.instrument(scope, declaration);
    parts.instrumentMade?.(instrument);
    metrics[key] = instrument;
  }
  const spans: Record<string, unknown> = {};
  for (const [key, { name, kind }] of Object.entries(catalogue.spans)) {
    spans[key] = createSpanFactory(parts.backend, parts.backend.bind({ scope, name, kind }));
  }
  return { metrics, spans };
}
