/**
 * A keyed function with a second input that every key sees: rules, thresholds, rates.
 *
 * Algorithm: rows of the second input change the shared states; rows of the first see them beside the states of their key.
 * State: what the functions keep per key, and the shared states once per instance, all in the operator's state store.
 * Correctness: each input in order; which of a row and a broadcast comes first is a matter of arrival. The second input
 * goes whole to every instance, so all of them hold the same shared states in the end.
 * Cost per batch: as `process`; shared states are read from memory.
 */
import { type Batch, createRowCursor, type Fields, type RowCursor, type RowOf, type Schema } from '@sabot/columnar';
import {
  bindStates,
  createMemoryStateStore,
  type StateBinding,
  type StateDescriptors,
  type StatesOf,
} from '@sabot/state';
import { streamErrors } from '../../errors.js';
import type { OperatorSpec } from '../../plan/operator-spec.js';
import type { Operator, OperatorContext, OperatorOutput } from '../../ports/operator.js';
import type { Signal } from '../../ports/signal.js';
import { type AnyProcess, keyedProcessSpec } from '../keyed-process.js';
import type { KeyedContext, KeyedProcess } from '../keyed-process-types.js';

/** A keyed function, the states that all keys share, and what a broadcast row does to them. */
export interface BroadcastProcess<
  F extends Fields,
  K extends keyof F & string,
  B extends Fields,
  Out extends Fields,
  S extends StateDescriptors,
  D extends StateDescriptors,
> extends Omit<KeyedProcess<F, K, Out, S>, 'onRow' | 'onTimer' | 'input'> {
  /** States that every key sees; their names differ from those of `state`. */
  readonly shared: D;
  /** Called for every row of the stream; reads the shared states and leaves them as they are. */
  onRow(row: RowOf<F>, context: KeyedContext<Out, S>, shared: StatesOf<D>): void;
  /** Called for every broadcast row. */
  onBroadcast(row: RowOf<B>, shared: StatesOf<D>): void;
  /** Called when a timer of a key is due. */
  onTimer?(timeMs: number, key: RowOf<Pick<F, K>>, context: KeyedContext<Out, S>, shared: StatesOf<D>): void;
}

/** A definition whose types are known to its author alone. */
export type AnyBroadcast = BroadcastProcess<Fields, string, Fields, Fields, StateDescriptors, StateDescriptors>;

/** The one key under which shared states are kept. */
const EVERY_KEY = Uint8Array.of(0);

/** The operator spec over a keyed stream (input 0) and the broadcast one (input 1). */
export function broadcastProcessSpec(
  definition: AnyBroadcast,
  input: Schema,
  broadcast: Schema,
  keys: readonly string[],
  eventTime: string | undefined,
): OperatorSpec {
  const twice = Object.keys(definition.shared).find((name) => Object.hasOwn(definition.state, name));
  if (twice !== undefined) {
    throw streamErrors.error('PLAN_INVALID', {
      what: `cannot use "${definition.name}"`,
      why: `a state of a key and a shared one are both called "${twice}"`,
      remedy: 'Give one of them another name.',
    });
  }
  const shared = new SharedStates(definition);
  const keyed = keyedProcessSpec(shared.keyed(), input, keys, eventTime);
  const sharedSchema = bindStates(createMemoryStateStore(), definition.shared).schema;
  return {
    ...keyed,
    kind: 'broadcast',
    distribution: { keyedBy: [keys, 'broadcast'] },
    stateSchema: `${keyed.stateSchema}; every key: ${sharedSchema}`,
    create() {
      const states = new SharedStates(definition);
      return new BroadcastOperator(
        keyedProcessSpec(states.keyed(), input, keys, eventTime).create(),
        states,
        createRowCursor(broadcast),
      );
    },
  };
}

/** The shared states of one instance, as the functions of the keyed side see them. */
class SharedStates {
  readonly definition: AnyBroadcast;
  binding: StateBinding<StateDescriptors> | undefined;

  constructor(definition: AnyBroadcast) {
    this.definition = definition;
  }

  get states(): StatesOf<StateDescriptors> {
    // Bound when the operator was opened, before any row.
    return (this.binding as StateBinding<StateDescriptors>).states;
  }

  /** The keyed function with the shared states as its last argument. */
  keyed(): AnyProcess {
    const { definition } = this;
    return {
      name: definition.name,
      output: definition.output,
      ...(definition.eventTime === undefined ? {} : { eventTime: definition.eventTime }),
      state: definition.state,
      onRow: (row, context) => definition.onRow(row, context, this.states),
      onTimer: (timeMs, key, context) => definition.onTimer?.(timeMs, key, context, this.states),
    };
  }
}

class BroadcastOperator implements Operator {
  private readonly keyed: Operator;
  private readonly shared: SharedStates;
  private readonly cursor: RowCursor<Fields>;

  constructor(keyed: Operator, shared: SharedStates, cursor: RowCursor<Fields>) {
    this.keyed = keyed;
    this.shared = shared;
    this.cursor = cursor;
  }

  get stats() {
    return this.keyed.stats;
  }

  open(context: OperatorContext): void | Promise<void> {
    const binding = bindStates(context.state(), this.shared.definition.shared);
    binding.setKey(EVERY_KEY);
    this.shared.binding = binding;
    return this.keyed.open(context);
  }

  process(batch: Batch, input: number, output: OperatorOutput): void | Promise<void> {
    if (input === 0) return this.keyed.process(batch, input, output);
    const { cursor, shared } = this;
    cursor.open(batch);
    for (let row = 0; row < batch.numRows; row++) {
      cursor.row = row;
      shared.definition.onBroadcast(cursor.value, shared.states);
    }
  }

  onSignal(signal: Signal, output: OperatorOutput): void | Promise<void> {
    return this.keyed.onSignal(signal, output);
  }

  snapshot(epoch: number): Uint8Array | undefined {
    this.shared.binding?.flush();
    return this.keyed.snapshot(epoch);
  }

  restore(bytes: Uint8Array): void {
    this.keyed.restore(bytes);
  }

  close(): void | Promise<void> {
    return this.keyed.close();
  }
}
