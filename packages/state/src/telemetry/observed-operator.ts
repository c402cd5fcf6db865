import type { TraceContext } from '@sabot/core-observability/trace-context';
import type { MeteredStore } from './metered-store.js';

/** As much of a stream operator as is needed here: this package does not know streams. */
export interface StatefulOperator {
  open(context: never): unknown;
  process(batch: never, input: number, output: never): unknown;
  onSignal?(signal: never, output: never): unknown;
  snapshot?(epoch: number): unknown;
}

/**
 * An operator that tells its store where batches begin and end and when cached objects are written back. Everything else is
 * the operator itself; one without a store is called directly.
 */
export function observedOperator<O extends StatefulOperator>(operator: O, storeOf: () => MeteredStore | undefined): O {
  let trace: () => TraceContext | undefined = () => undefined;
  let store: MeteredStore | undefined;
  /** The sampled batch whose watermark is still to come: what that sets off, such as timers, belongs to the batch. */
  let unsignalled: TraceContext | undefined;
  const inner = operator as Required<StatefulOperator>;

  const open = (context: { trace?(): TraceContext | undefined }) => {
    store = storeOf();
    if (context.trace !== undefined) trace = () => context.trace?.();
    return inner.open(context as never);
  };

  const process = (batch: never, input: number, output: never): unknown => {
    // A store may be opened on first use.
    store ??= storeOf();
    if (store === undefined) return inner.process(batch, input, output);
    const context = trace();
    unsignalled = context !== undefined && (context.traceFlags & 1) === 1 ? context : undefined;
    return asBatch(store, unsignalled, () => inner.process(batch, input, output));
  };

  const onSignal = (signal: never, output: never): unknown => {
    const context = unsignalled;
    unsignalled = undefined;
    if (store === undefined || context === undefined) return inner.onSignal(signal, output);
    return asBatch(store, context, () => inner.onSignal(signal, output));
  };

  const snapshot = (epoch: number): unknown => {
    store ??= storeOf();
    return store === undefined ? inner.snapshot(epoch) : store.writeBack(() => inner.snapshot(epoch));
  };

  const observed: Readonly<Record<string | symbol, unknown>> = { open, process, onSignal, snapshot };
  return new Proxy(operator, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return Object.hasOwn(observed, name) ? observed[name] : member.bind(target);
    },
  });
}

/** Measures what an operator does with its store until it is done, waiting included. */
function asBatch(metered: MeteredStore, trace: TraceContext | undefined, work: () => unknown): unknown {
  const startTimeMs = performance.timeOrigin + performance.now();
  metered.beginBatch(trace);
  let waits = false;
  try {
    const done = work();
    if (!(done instanceof Promise)) return done;
    waits = true;
    return done.finally(() => metered.endBatch(startTimeMs));
  } finally {
    if (!waits) metered.endBatch(startTimeMs);
  }
}
