import type {
  Counter,
  Histogram,
  Instruments,
  Observability,
  Registration,
  SpanHandle,
} from '@sabot/core-observability';
import type { TraceContext } from '@sabot/core-observability/trace-context';
import type { StateSnapshot } from '../store/state-snapshot.js';
import type { OpenStateStore, ScanRange, StateSnapshotBytes, StateStoreStats } from '../store/state-store.js';
import { entryOperations, type StoreLabels, type stateTelemetry } from './catalogue.js';

type StateInstruments = Instruments<typeof stateTelemetry>;
type EntryOperation = (typeof entryOperations)[number];

/** How operations are measured right now: not at all, timed together, or each with a span of its own. */
type Measuring = 'off' | 'folded' | 'single';

/** One batch in this many is timed without being traced. */
const TIMED_BATCHES = 16;

interface Fold {
  count: number;
  durationMs: number;
}

/** A store that counts at collection, and times the operations of chosen batches. */
export class MeteredStore implements OpenStateStore {
  readonly backend: string;
  readonly stats: StateStoreStats;
  private readonly inner: OpenStateStore;
  private readonly labels: StoreLabels;
  private readonly instruments: StateInstruments;
  private readonly observability: Observability;
  private readonly registrations: Registration[] = [];
  private readonly durations: Readonly<Record<EntryOperation, Histogram & Registration>>;
  private readonly snapshots: Counter & Registration;
  private readonly snapshotDuration: Histogram & Registration;
  private readonly snapshotSize: Histogram & Registration;
  private readonly restores: Counter & Registration;
  private readonly restoreDuration: Histogram & Registration;
  private readonly folds: Readonly<Record<EntryOperation, Fold>> = {
    get: { count: 0, durationMs: 0 },
    set: { count: 0, durationMs: 0 },
    delete: { count: 0, durationMs: 0 },
    scan: { count: 0, durationMs: 0 },
  };
  private measuring: Measuring = 'off';
  private parent: TraceContext | undefined;
  private batches = 0;
  /** When the writing back of a snapshot began whose measurements wait for the snapshot's trace. */
  private writtenBackAtMs = 0;

  constructor(inner: OpenStateStore, labels: StoreLabels, instruments: StateInstruments, observability: Observability) {
    this.inner = inner;
    this.stats = inner.stats;
    this.backend = labels['state.backend'];
    this.labels = labels;
    this.instruments = instruments;
    this.observability = observability;
    const { metrics } = instruments;
    const duration = (operation: EntryOperation) =>
      metrics.operationDuration.series({ ...labels, 'state.operation': operation });
    this.durations = { get: duration('get'), set: duration('set'), delete: duration('delete'), scan: duration('scan') };
    this.snapshots = metrics.operations.series({ ...labels, 'state.operation': 'snapshot' });
    this.restores = metrics.operations.series({ ...labels, 'state.operation': 'restore' });
    this.snapshotDuration = metrics.snapshotDuration.series(labels);
    this.snapshotSize = metrics.snapshotSize.series(labels);
    this.restoreDuration = metrics.restoreDuration.series(labels);
    const { snapshots, snapshotDuration, snapshotSize, restores, restoreDuration } = this;
    this.registrations.push(snapshots, snapshotDuration, snapshotSize, restores, restoreDuration);
    this.registrations.push(...Object.values(this.durations), ...this.observeStats());
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.measuring === 'off' ? this.inner.get(key) : this.measured('get', () => this.inner.get(key));
  }

  put(key: Uint8Array, value: Uint8Array): void {
    if (this.measuring === 'off') this.inner.put(key, value);
    else this.measured('set', () => this.inner.put(key, value));
  }

  delete(key: Uint8Array): boolean {
    return this.measuring === 'off' ? this.inner.delete(key) : this.measured('delete', () => this.inner.delete(key));
  }

  scan(range?: ScanRange): Iterable<readonly [key: Uint8Array, value: Uint8Array]> {
    // What is timed is the beginning of a scan: its steps belong to whoever iterates.
    return this.measuring === 'off' ? this.inner.scan(range) : this.measured('scan', () => this.inner.scan(range));
  }

  snapshot(epoch: number, trace?: TraceContext): StateSnapshot {
    this.publishAll(
      this.writtenBackAtMs,
      isSampled(trace) && this.observability.detail !== 'batch' ? trace : undefined,
    );
    const parent = trace === undefined ? {} : { parent: trace };
    const span = this.instruments.spans.snapshot.start({ ...this.labels, 'state.epoch': epoch }, parent);
    this.snapshots.add(1);
    const startMs = performance.now();
    try {
      const snapshot = this.inner.snapshot(epoch);
      span.set('state.full', snapshot.baseEpoch === null);
      return this.meteredSnapshot(snapshot, span, performance.now() - startMs);
    } catch (error) {
      span.recordFailure(error);
      span.end();
      throw error;
    }
  }

  async restore(chain: readonly StateSnapshotBytes[]): Promise<void> {
    const size = chain.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const attributes = { ...this.labels, 'state.count': chain.length, 'state.size': size };
    const startMs = performance.now();
    await this.instruments.spans.restore.trace(attributes, () => this.inner.restore(chain));
    this.restores.add(1);
    this.restoreDuration.record((performance.now() - startMs) / 1000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const registration of this.registrations.splice(0)) registration.remove();
    await this.inner[Symbol.asyncDispose]();
  }

  /** A batch begins; `trace`: the one it belongs to, if it is sampled. */
  beginBatch(trace: TraceContext | undefined): void {
    const { detail } = this.observability;
    this.parent = detail === 'batch' ? undefined : trace;
    if (this.parent !== undefined) this.measuring = detail === 'row' ? 'single' : 'folded';
    else if (this.batches++ % TIMED_BATCHES === 0) this.measuring = 'folded';
  }

  /** The batch has ended: what was measured becomes one duration and, if traced, one span by operation. */
  endBatch(startTimeMs: number): void {
    if (this.measuring === 'off') return;
    const { measuring, parent } = this;
    this.measuring = 'off';
    this.parent = undefined;
    this.publishAll(startTimeMs, parent, measuring === 'folded');
  }

  /**
   * Runs what writes cached objects back before a snapshot. Most writes of keyed state happen here and not in a batch; their
   * spans belong to the snapshot's trace, which is known when the snapshot is taken.
   */
  writeBack<R>(action: () => R): R {
    this.writtenBackAtMs = performance.timeOrigin + performance.now();
    this.measuring = 'folded';
    try {
      const result = action();
      this.measuring = 'off';
      return result;
    } catch (error) {
      // There will be no snapshot.
      this.endBatch(this.writtenBackAtMs);
      throw error;
    }
  }

  private publishAll(startTimeMs: number, parent: TraceContext | undefined, spans = true): void {
    for (const operation of entryOperations) {
      const fold = this.folds[operation];
      const { count, durationMs } = fold;
      if (count === 0) continue;
      if (spans && parent !== undefined) {
        const attributes = { ...this.labels, 'state.count': count };
        this.instruments.spans[operation].start(attributes, { parent, startTimeMs }).end(startTimeMs + durationMs);
      }
      this.durations[operation].record(durationMs / count / 1000, parent);
      fold.count = 0;
      fold.durationMs = 0;
    }
  }

  private measured<R>(operation: EntryOperation, action: () => R): R {
    const span =
      this.measuring === 'single' && this.parent !== undefined ? this.single(operation, this.parent) : undefined;
    const startMs = performance.now();
    try {
      return action();
    } catch (error) {
      span?.recordFailure(error);
      throw error;
    } finally {
      const fold = this.folds[operation];
      fold.count++;
      fold.durationMs += performance.now() - startMs;
      span?.end();
    }
  }

  private single(operation: EntryOperation, parent: TraceContext): SpanHandle {
    return this.instruments.spans[operation].start({ ...this.labels, 'state.count': 1 }, { parent });
  }

  private meteredSnapshot(inner: StateSnapshot, span: SpanHandle, freezeMs: number): StateSnapshot {
    let busyMs = freezeMs;
    const settle = (outcome: 'confirmed' | 'abandoned'): void => {
      this.snapshotDuration.record(busyMs / 1000, span.recording ? span.context : undefined);
      span.set('state.outcome', outcome);
      span.end();
    };
    const timed = <R>(action: () => R): R => {
      const startMs = performance.now();
      try {
        return action();
      } catch (error) {
        span.recordFailure(error);
        throw error;
      } finally {
        busyMs += performance.now() - startMs;
      }
    };
    return {
      epoch: inner.epoch,
      baseEpoch: inner.baseEpoch,
      bytes: () => {
        const bytes = timed(() => inner.bytes());
        this.snapshotSize.record(bytes.length);
        span.set('state.size', bytes.length);
        return bytes;
      },
      confirm: async () => {
        const startMs = performance.now();
        try {
          await inner.confirm();
        } catch (error) {
          // It may be tried again: the span stays open until the snapshot is settled.
          span.recordFailure(error);
          throw error;
        } finally {
          busyMs += performance.now() - startMs;
        }
        settle('confirmed');
      },
      abandon: () => {
        inner.abandon();
        settle('abandoned');
      },
    };
  }

  private observeStats(): readonly Registration[] {
    const { labels, stats } = this;
    const { metrics } = this.instruments;
    const operation = (name: EntryOperation, read: () => number) =>
      metrics.operations.observe({ ...labels, 'state.operation': name }, read);
    return [
      operation('get', () => stats.gets),
      operation('set', () => stats.puts),
      operation('delete', () => stats.deletes),
      operation('scan', () => stats.scans),
      metrics.entries.observe(labels, () => stats.entries),
      metrics.size.observe(labels, () => stats.bytes),
    ];
  }
}

function isSampled(trace: TraceContext | undefined): boolean {
  return trace !== undefined && (trace.traceFlags & 1) === 1;
}
