import type { HeaderCarrier } from '../tracing/trace-context.js';

/** A carrier over a `Map` (Arrow schema metadata) or a plain object (message headers, worker messages). */
export function carrierOf(target: Map<string, string> | Record<string, string>): HeaderCarrier {
  if (target instanceof Map) {
    return {
      get: (key) => target.get(key),
      set: (key, value) => target.set(key, value),
      keys: () => target.keys(),
    };
  }
  return {
    get: (key) => (Object.hasOwn(target, key) ? target[key] : undefined),
    set: (key, value) => {
      target[key] = value;
    },
    keys: () => Object.keys(target),
  };
}
