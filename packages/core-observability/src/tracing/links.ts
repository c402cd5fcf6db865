import type { TraceContext } from './trace-context.js';

/** More than these links say nothing more and cost 80 ns each. */
export const MAX_LINKS = 32;

/**
 * At most 32 links, one per trace, sampled producers first: what a batch of many producers points back to.
 * The caller writes the true totals into attributes.
 */
export function dedupeLinks(contexts: readonly TraceContext[]): readonly TraceContext[] {
  if (contexts.length === 0) return contexts;
  const traces = new Set<string>();
  const kept: TraceContext[] = [];
  collect(contexts, true, traces, kept);
  collect(contexts, false, traces, kept);
  return kept;
}

function collect(contexts: readonly TraceContext[], sampled: boolean, traces: Set<string>, kept: TraceContext[]): void {
  for (const context of contexts) {
    if (kept.length === MAX_LINKS) return;
    if (((context.traceFlags & 1) === 1) !== sampled || traces.has(context.traceId)) continue;
    traces.add(context.traceId);
    kept.push(context);
  }
}

/** Whether any producer's trace was sampled: a batch made from a sampled message is worth keeping. */
export function anySampled(contexts: readonly TraceContext[] | undefined): boolean {
  if (contexts === undefined) return false;
  for (const context of contexts) if ((context.traceFlags & 1) === 1) return true;
  return false;
}
