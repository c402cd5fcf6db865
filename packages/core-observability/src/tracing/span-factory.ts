import type { SpanFactory, SpanHandle, SpanStartOptions } from '../observability.js';
import type { BoundSite, SpanBackend, StartAttributes } from './span-backend.js';

/** The typed face of one declared span over a backend. */
export function createSpanFactory(backend: SpanBackend, site: BoundSite): SpanFactory<StartAttributes> {
  return {
    start: (attributes, options) => backend.start(site, attributes, options),
    trace: (attributes, fn, options) => traceWith(backend, site, attributes, fn, options),
  };
}

/** Runs `fn` inside an active span, records a failure and rethrows it, and ends the span when `fn` or its promise ends. */
export function traceWith<R>(
  backend: SpanBackend,
  site: BoundSite,
  attributes: StartAttributes,
  fn: (span: SpanHandle) => R,
  options?: SpanStartOptions,
): R {
  const span = backend.start(site, attributes, options);
  const fail = (error: unknown): never => {
    span.recordFailure(error);
    span.end();
    throw error;
  };
  let result: R;
  try {
    result = backend.activation.run(span, () => fn(span));
  } catch (error) {
    return fail(error);
  }
  if (!isThenable(result)) {
    span.end();
    return result;
  }
  const settled = result.then((value) => {
    span.end();
    return value;
  }, fail);
  // A promise stays a promise: R is PromiseLike here, which the compiler cannot carry through a generic.
  return settled as R;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
