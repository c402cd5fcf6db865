import type { Observability } from '@sabot/core-observability';
import type { SnapshotStore } from './snapshot/snapshot-store.js';
import type { OpenStateStore } from './store/state-store.js';
import { stateTelemetry } from './telemetry/catalogue.js';
import { meteredSnapshots } from './telemetry/metered-snapshots.js';
import { MeteredStore } from './telemetry/metered-store.js';
import { observedOperator, type StatefulOperator } from './telemetry/observed-operator.js';

export { stateTelemetry };

/** Whose state it is; both are labels and therefore bounded. */
export interface StateMeta {
  readonly job: string;
  readonly operatorId: string;
}

/** Wraps stores and operators; has the form of a task decorator of `@sabot/stream`. */
export interface InstrumentedState {
  stateStore(store: OpenStateStore, meta: StateMeta): OpenStateStore;
  snapshots(store: SnapshotStore): SnapshotStore;
  operator<O extends StatefulOperator>(operator: O, meta: StateMeta): O;
}

/**
 * Publishes keyed state: operations, entries and bytes read at collection, durations of some batches, and for sampled
 * batches one span by operation (`state_get`, `state_set`, `state_delete`, `state_scan`), each operation its own at detail
 * `row`; and every snapshot and restore. Values that an operator sets are cached and reach the store before a snapshot or when
 * the cache is full: their `state_set` is in the trace of that checkpoint, with the number of values written.
 *
 * @example
 * await startJob(job, { decorators: [instrumentStream(observability), instrumentState(observability)] });
 */
export function instrumentState(observability: Observability): InstrumentedState {
  const instruments = observability.instruments(stateTelemetry);
  const stores = new Map<string, MeteredStore>();
  return {
    stateStore(store, meta) {
      const labels = { pipeline: meta.job, operator: meta.operatorId, 'state.backend': store.backend ?? 'other' };
      const metered = new MeteredStore(store, labels, instruments, observability);
      stores.set(nameOf(meta), metered);
      return metered;
    },
    snapshots: (store) => meteredSnapshots(store, instruments),
    operator: (operator, meta) => observedOperator(operator, () => stores.get(nameOf(meta))),
  };
}

function nameOf({ job, operatorId }: StateMeta): string {
  return `${job}\0${operatorId}`;
}
