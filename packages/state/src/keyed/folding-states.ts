import type { Codec } from '../codec/codec.js';
import type { BoundState, StateDescriptor } from './state-descriptor.js';
import { CachedValues } from './value-state.js';

/** One value per key into which others are folded. */
export interface ReducingState<T> {
  get(): T | undefined;
  add(value: T): void;
  clear(): void;
}

/** One value per key; `reduce` joins the value there is with the one added. The first value is stored as it is. */
export function reducingState<T>(
  codec: Codec<T>,
  reduce: (before: T, added: T) => T,
): StateDescriptor<ReducingState<T>> {
  return {
    kind: 'reducing',
    schema: `reducing<${codec.schema}>`,
    bind(host) {
      const cells = new CachedValues(host, codec);
      const add = (value: T): void => {
        const before = cells.get();
        cells.set(before === undefined ? value : reduce(before, value));
      };
      return {
        surface: { get: () => cells.get(), add, clear: () => cells.set(undefined) },
        flush: (slot) => cells.flush(slot),
        forget: (slot) => cells.forget(slot),
      } satisfies BoundState<ReducingState<T>>;
    },
  };
}

/** An accumulator per key: values of one type in, a result of another out. */
export interface AggregatingState<In, Out> {
  /** The result, or undefined before the first value. */
  get(): Out | undefined;
  add(value: In): void;
  clear(): void;
}

export interface Aggregation<In, Acc, Out> {
  /** How the accumulator is stored. */
  readonly accumulator: Codec<Acc>;
  create(): Acc;
  /** May change the accumulator in place and return it. */
  add(accumulator: Acc, value: In): Acc;
  result(accumulator: Acc): Out;
}

/** An accumulator per key, read through `result`. */
export function aggregatingState<In, Acc, Out>(
  aggregation: Aggregation<In, Acc, Out>,
): StateDescriptor<AggregatingState<In, Out>> {
  return {
    kind: 'aggregating',
    schema: `aggregating<${aggregation.accumulator.schema}>`,
    bind(host) {
      const cells = new CachedValues(host, aggregation.accumulator);
      const get = (): Out | undefined => {
        const accumulator = cells.get();
        return accumulator === undefined ? undefined : aggregation.result(accumulator);
      };
      return {
        surface: {
          get,
          add: (value) => cells.set(aggregation.add(cells.get() ?? aggregation.create(), value)),
          clear: () => cells.set(undefined),
        },
        flush: (slot) => cells.flush(slot),
        forget: (slot) => cells.forget(slot),
      } satisfies BoundState<AggregatingState<In, Out>>;
    },
  };
}
