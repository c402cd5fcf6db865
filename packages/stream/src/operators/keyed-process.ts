import {
  type Batch,
  type BatchBuilder,
  createBatchBuilder,
  createRowCursor,
  describeType,
  type Fields,
  fieldType,
  type RowCursor,
  type RowOf,
  type Schema,
  sameType,
  selectColumns,
} from '@sabot/columnar';
import { bindStates, createMemoryStateStore, type StateBinding, type StateDescriptors } from '@sabot/state';
import { streamErrors } from '../errors.js';
import type { OperatorSpec } from '../plan/operator-spec.js';
import type { Operator, OperatorContext, OperatorOutput } from '../ports/operator.js';
import type { Signal } from '../ports/signal.js';
import { readTimesMs } from '../time/event-time.js';
import type { KeyedContext, KeyedProcess, KeyTimers } from './keyed-process-types.js';
import { createOperatorStats } from './operator-stats.js';
import { createRowKeys, decodeRowKey, type RowKeys } from './row-keys.js';
import { TimerStore } from './timer-store.js';
import { WindowClock } from './window-clock.js';

/** Rows of output that are gathered into one batch at most. */
const OUTPUT_ROWS = 8192;

/** A definition whose types are known to its author alone. */
export type AnyProcess = KeyedProcess<Fields, string, Fields, StateDescriptors>;

/** The operator spec of a keyed function over an input. */
export function keyedProcessSpec(
  definition: AnyProcess,
  input: Schema,
  keys: readonly string[],
  eventTime: string | undefined,
): OperatorSpec {
  createRowKeys(input, keys);
  assertFits(definition, input, keys);
  return {
    kind: 'keyed_process',
    distribution: { keyedBy: [keys] },
    name: definition.name,
    schema: definition.output,
    ...(definition.eventTime === undefined ? {} : { eventTime: definition.eventTime }),
    stateSchema: `${keys.join(',')}: ${bindStates(createMemoryStateStore(), definition.state).schema}`,
    describe: `by ${keys.join(', ')}`,
    create: () => new ProcessOperator(definition, input, keys, eventTime),
  };
}

/** A definition made elsewhere has to find its columns and its key here. */
function assertFits(
  definition: AnyProcess & { readonly key?: string | readonly string[] },
  input: Schema,
  keys: readonly string[],
) {
  const expected = definition.key === undefined ? keys : [definition.key].flat();
  if (expected.join() !== keys.join()) {
    throw streamErrors.error('PLAN_INVALID', {
      what: `cannot use "${definition.name}" on a stream keyed by ${keys.join(', ')}`,
      why: `it is defined by key ${expected.join(', ')}`,
    });
  }
  for (const name of definition.input?.names ?? []) {
    const wanted = fieldType(definition.input as Schema, name);
    const found = input.fields[name];
    if (found !== undefined && sameType(found, wanted)) continue;
    throw streamErrors.error('SCHEMA_MISMATCH', {
      what: `cannot use "${definition.name}" on this stream`,
      why: `it reads column "${name}" as ${describeType(wanted)}, which is ${found === undefined ? 'missing' : describeType(found)} here`,
    });
  }
}

/**
 * Calls a user's functions row by row with the states and timers of the row's key.
 *
 * Algorithm: one cursor over the batch; the key's bytes select the bound states, whose objects stay in memory.
 * State: what the functions keep per key, and one entry per timer, all in the operator's state store; calls at the clock are
 * asked for again after a restart.
 * Correctness: rows in order; due timers fire in (time, key) order before the watermark goes on.
 * Cost per batch: one call, one key and one hash look-up per row; no object per row unless rows are emitted.
 */
class ProcessOperator implements Operator, KeyedContext<Fields, StateDescriptors>, KeyTimers {
  readonly stats = createOperatorStats();
  timeMs = Number.NEGATIVE_INFINITY;
  watermarkMs = Number.NEGATIVE_INFINITY;
  private readonly definition: AnyProcess;
  private readonly input: Schema;
  private readonly keyNames: readonly string[];
  private readonly timeColumn: string | undefined;
  private readonly cursor: RowCursor<Fields>;
  private readonly keys: RowKeys;
  private readonly builder: BatchBuilder<Fields>;
  private binding!: StateBinding<StateDescriptors>;
  private timers!: TimerStore;
  private clockTimers!: TimerStore;
  private readonly clock = new WindowClock((nowMs, output) => this.clockReached(nowMs, output));
  private currentKey: Uint8Array = new Uint8Array(0);
  private currentLength = 0;
  private output: OperatorOutput | undefined;
  private times: Float64Array = new Float64Array(0);

  constructor(definition: AnyProcess, input: Schema, keys: readonly string[], eventTime: string | undefined) {
    this.definition = definition;
    this.input = input;
    this.keyNames = keys;
    this.timeColumn = eventTime;
    this.cursor = createRowCursor(definition.input ?? input);
    this.keys = createRowKeys(input, keys);
    this.builder = createBatchBuilder(definition.output);
  }

  get state() {
    return this.binding.states;
  }

  get timer(): KeyTimers {
    return this;
  }

  open(context: OperatorContext): void {
    const store = context.state();
    this.binding = bindStates(store, this.definition.state);
    this.timers = new TimerStore(store);
    this.clockTimers = new TimerStore(store, 'processing-time');
    this.clock.open(context);
    // Those that a restored state holds.
    if (this.definition.onProcessingTimer !== undefined) this.clock.request(this.clockTimers.earliestMs());
  }

  process(batch: Batch, _input: number, output: OperatorOutput): void {
    const { cursor, keys, binding, definition } = this;
    this.output = output;
    cursor.open(definition.input === undefined ? batch : selectColumns(batch, definition.input.names));
    keys.open(batch);
    if (this.timeColumn !== undefined) this.times = readTimesMs(batch, this.timeColumn, this.times);
    for (let row = 0; row < batch.numRows; row++) {
      keys.select(row);
      this.currentKey = keys.buffer;
      this.currentLength = keys.length;
      binding.setKey(keys.buffer, 0, keys.length);
      if (this.timeColumn !== undefined) this.timeMs = this.times[row] as number;
      cursor.row = row;
      definition.onRow(cursor.value, this);
    }
    this.flush(output);
  }

  onSignal(signal: Signal, output: OperatorOutput): void {
    if (signal.kind !== 'watermark') return;
    this.output = output;
    this.fireTimers(this.timers, signal.timeMs, false);
    this.watermarkMs = signal.timeMs;
    // The end of the stream is the end of all waiting.
    if (signal.timeMs === Number.POSITIVE_INFINITY) this.fireTimers(this.clockTimers, signal.timeMs, true);
    this.flush(output);
  }

  snapshot(): Uint8Array | undefined {
    this.binding.flush();
    return undefined;
  }

  restore(): void {
    this.binding.reset();
  }

  close(): void {
    this.output = undefined;
  }

  /** A property, so that functions may take it out of the context. */
  readonly emit = (row: RowOf<Fields>): void => {
    this.builder.append(row);
    if (this.builder.numRows >= OUTPUT_ROWS && this.output !== undefined) this.flush(this.output);
  };

  eventTime(timeMs: number): void {
    this.timers.add(timeMs, this.currentKey, this.currentLength);
  }

  cancelEventTime(timeMs: number): void {
    this.timers.remove(timeMs, this.currentKey, this.currentLength);
  }

  get nowMs(): number {
    return this.clock.nowMs;
  }

  processingTime(timeMs: number): void {
    this.clockTimers.add(timeMs, this.currentKey, this.currentLength);
    this.clock.request(timeMs);
  }

  cancelProcessingTime(timeMs: number): void {
    this.clockTimers.remove(timeMs, this.currentKey, this.currentLength);
  }

  private clockReached(nowMs: number, output: OperatorOutput): void {
    this.output = output;
    this.fireTimers(this.clockTimers, nowMs, true);
    this.clock.request(this.clockTimers.earliestMs());
    this.flush(output);
  }

  private fireTimers(timers: TimerStore, untilMs: number, byClock: boolean): void {
    const { definition } = this;
    for (let due = timers.takeDue(untilMs); due !== undefined; due = timers.takeDue(untilMs)) {
      this.stats.firedTimers++;
      this.currentKey = due.key;
      this.currentLength = due.key.length;
      this.binding.setKey(due.key, 0, due.key.length);
      this.timeMs = due.timeMs;
      const key = decodeRowKey(this.input, this.keyNames, due.key);
      if (byClock) definition.onProcessingTimer?.(due.timeMs, key, this);
      else definition.onTimer?.(due.timeMs, key, this);
    }
  }

  private flush(output: OperatorOutput): void {
    if (this.builder.numRows > 0) output.emit(this.builder.finish());
  }
}
