import type { Batch } from '@sabot/columnar';
import { createMemoryStateStore, type OpenStateStore } from '@sabot/state';
import type { Clock } from '../ports/clock.js';
import type { Operator } from '../ports/operator.js';
import type { Signal, StreamElement } from '../ports/signal.js';
import { ClockCalls } from '../runtime/clock-calls.js';
import { createVirtualClock } from './virtual-clock.js';

export interface HarnessOptions {
  readonly operatorId?: string;
  readonly clock?: Clock;
  /** The operator's keyed state; default a fresh one in memory. */
  readonly state?: OpenStateStore;
}

/** What an operator gave out, in order: batches with their port, and signals. */
export type Emitted = { readonly port: number; readonly batch: Batch } | { readonly signal: Signal };

/** Drives one operator as the runtime would, without a runtime: no time passes and nothing runs by itself. */
export interface OperatorHarness {
  readonly operator: Operator;
  readonly state: OpenStateStore;
  /** Everything given out since the last call, in order. */
  takeEmitted(): readonly Emitted[];
  /** Batches given out on a port since the last call of `takeEmitted`. */
  batches(port?: number): readonly Batch[];
  process(batch: Batch, input?: number): Promise<void>;
  watermark(timeMs: number): Promise<void>;
  signal(signal: Exclude<StreamElement, { kind: 'batch' }>): Promise<void>;
  /** Takes the operator's snapshot and its state's, as a barrier does, and commits it. */
  checkpoint(epoch: number): Promise<OperatorCheckpoint>;
  close(): Promise<void>;
}

export interface OperatorCheckpoint {
  readonly epoch: number;
  readonly operator: Uint8Array | undefined;
  readonly state: Uint8Array;
  readonly baseEpoch: number | null;
}

/**
 * Opens an operator in a harness; `restored`: the checkpoints to begin from, a whole one first.
 *
 * @example
 * const harness = await createOperatorHarness(spec.create());
 * await harness.process(batchOf(schema, { key: ['a'], at: [10] }));
 * await harness.watermark(100);
 * expect(harness.batches().flatMap(rowsOf)).toEqual([…]);
 */
export async function createOperatorHarness(
  operator: Operator,
  options: HarnessOptions = {},
  restored: readonly OperatorCheckpoint[] = [],
): Promise<OperatorHarness> {
  const state = options.state ?? createMemoryStateStore();
  let emitted: Emitted[] = [];
  const output = {
    emit: (batch: Batch, port = 0) => void (batch.numRows > 0 && emitted.push({ port, batch })),
    signal: (signal: Signal) => void emitted.push({ signal }),
  };
  const clock = options.clock ?? createVirtualClock();
  const calls = new ClockCalls(clock);
  // Nothing else is under way when the clock goes on or a promise has settled: a call may run at once.
  calls.connect((call) => call(clock.now(), output));
  const abort = new AbortController();
  await state.restore(restored.map(({ epoch, state: bytes }) => ({ epoch, bytes })));
  await operator.open({
    operatorId: options.operatorId ?? 'operator',
    clock,
    signal: abort.signal,
    state: () => state,
    callAt: (timeMs, call) => calls.at(timeMs, call),
    trace: () => undefined,
  });
  const own = restored.at(-1)?.operator;
  if (own !== undefined) operator.restore(own);
  const signal = async (value: Signal) => {
    await operator.onSignal(value, output);
    const ownTime = operator.forwardsWatermarks === true && (value.kind === 'watermark' || value.kind === 'idle');
    if (!ownTime) output.signal(value);
  };
  return {
    operator,
    state,
    takeEmitted() {
      const taken = emitted;
      emitted = [];
      return taken;
    },
    batches: (port = 0) => emitted.flatMap((item) => ('batch' in item && item.port === port ? [item.batch] : [])),
    process: async (batch, input = 0) => operator.process(batch, input, output),
    watermark: (timeMs) => signal({ kind: 'watermark', timeMs }),
    signal,
    async checkpoint(epoch) {
      await signal({ kind: 'barrier', epoch });
      const bytes = operator.snapshot(epoch);
      const snapshot = state.snapshot(epoch);
      const checkpoint = { epoch, operator: bytes, state: snapshot.bytes(), baseEpoch: snapshot.baseEpoch };
      await snapshot.confirm();
      return checkpoint;
    },
    async close() {
      abort.abort();
      calls.close();
      await operator.close();
      await state[Symbol.asyncDispose]();
    },
  };
}
