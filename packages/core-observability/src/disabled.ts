import type { TelemetryCatalogue } from './catalogue/catalogue.js';
import type { Instruments, Observability, Registration } from './observability.js';
import { noSpan } from './tracing/passive-span.js';

const series = { add: () => undefined, set: () => undefined, record: () => undefined, remove: () => undefined };
const registration: Registration = { remove: () => undefined };
const metric = { series: () => series, observe: () => registration };
const spanFactory = {
  start: () => noSpan,
  trace: <R>(_attributes: unknown, fn: (span: typeof noSpan) => R): R => fn(noSpan),
};

/** An observability that keeps nothing and costs nothing; composition roots need not wrap anything with it. */
export function createDisabledObservability(serviceName = 'sabot'): Observability {
  return {
    mode: 'off',
    serviceName,
    detail: 'batch',
    instruments<const C extends TelemetryCatalogue>(catalogue: C): Instruments<C> {
      const metrics = Object.fromEntries(Object.keys(catalogue.metrics).map((name) => [name, metric]));
      const spans = Object.fromEntries(Object.keys(catalogue.spans).map((name) => [name, spanFactory]));
      // Every name of the catalogue is there; the compiler cannot follow the mapping over a runtime loop.
      return { metrics, spans } as unknown as Instruments<C>;
    },
    traceOperation: (_name, _attributes, fn) => fn(noSpan),
    counter: () => ({ add: () => undefined, series: () => series }),
    activeContext: () => undefined,
    flush: async () => undefined,
    shutdown: async () => ({ delivered: { spans: 0, points: 0 }, spilled: { spans: 0, points: 0, logs: 0 }, lost: [] }),
  };
}
