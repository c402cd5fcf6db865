import { createObservability } from './create-observability.js';
import type { Observability } from './observability.js';

interface DefaultSlot {
  observability?: Observability;
}

// Two copies of this package (ESM beside CommonJS) share one default.
const slots = globalThis as typeof globalThis & { [key: symbol]: DefaultSlot | undefined };
const key = Symbol.for('sabot.default-observability');

function slot(): DefaultSlot {
  slots[key] ??= {};
  return slots[key];
}

/** The process-wide observability, for convenience: what was set, else one over the application's OpenTelemetry. */
export function defaultObservability(): Observability {
  const current = slot();
  current.observability ??= createObservability();
  return current.observability;
}

/** Makes an observability the process-wide one; `undefined` takes it back. Gives the one that was set before. */
export function setDefaultObservability(observability: Observability | undefined): Observability | undefined {
  const current = slot();
  const before = current.observability;
  if (observability === undefined) delete current.observability;
  else current.observability = observability;
  return before;
}
