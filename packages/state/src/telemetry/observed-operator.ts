import type { TraceContext } from '@sabot/core-observability/trace-context';
import type { MeteredStore } from './metered-store.js';

/** As much of a stream operator as is needed here: this package does not know streams. */
export interface StatefulOperator {
  open(context: never): unknown;
  process(batch: never, input: number, output: never): unknown;
}

/**
 * An operator that tells its store where batches begin and end. Everything else is the operator itself; one without a
 * store is called directly.
 */
export function observedOperator<O extends StatefulOperator>(operator: O, storeOf: () => MeteredStore | undefined): O {
  let trace: () => TraceContext | undefined = () => undefined;
  let store: MeteredStore | undefined;
  const inner = operator as StatefulOperator;

  const open = (context: { trace?(): TraceContext | undefined }) => {
    store = storeOf();
    if (context.trace !== undefined) trace = () => context.trace?.();
    return inner.open(context as never);
  };

  const process = (batch: never, input: number, output: never): unknown => {
    // A store may be opened on first use.
    store ??= storeOf();
    const metered = store;
    if (metered === undefined) return inner.process(batch, input, output);
    const context = trace();
    const startTimeMs = performance.timeOrigin + performance.now();
    metered.beginBatch(context !== undefined && (context.traceFlags & 1) === 1 ? context : undefined);
    let waits = false;
    try {
      const done = inner.process(batch, input, output);
      if (!(done instanceof Promise)) return done;
      waits = true;
      return done.finally(() => metered.endBatch(startTimeMs));
    } finally {
      if (!waits) metered.endBatch(startTimeMs);
    }
  };

  return new Proxy(operator, {
    get(target, name) {
      if (name === 'open') return open;
      if (name === 'process') return process;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
