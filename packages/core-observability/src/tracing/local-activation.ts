import { AsyncLocalStorage } from 'node:async_hooks';
import type { SpanHandle } from '../observability.js';
import type { Activation } from './span-backend.js';

/** The active span kept by Sabot alone, for when no OpenTelemetry context manager exists. */
export function createLocalActivation(): Activation {
  const storage = new AsyncLocalStorage<SpanHandle>();
  return {
    active: () => storage.getStore(),
    run: (span, fn) => storage.run(span, fn),
  };
}
