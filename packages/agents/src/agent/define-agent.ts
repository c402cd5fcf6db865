import type { Fields, Schema, Timestamp } from '@sabot/columnar';
import type { StateDescriptors } from '@sabot/state';
import { createRowKeys, type StreamTime } from '@sabot/stream';
import { agentsErrors } from '../errors.js';
import { atLeast, type RestartPolicy, restartPolicy, type SupervisionOptions } from '../supervision/restart-policy.js';
import type { AgentLifeContext, AgentStopContext, BatchHandler, RowHandler } from './agent-context.js';

/** What becomes of a row whose handler throws. */
export type FailurePolicy = 'fail' | 'skip' | 'dead-letter';

/** Names of the columns that can carry event time. */
type TimeColumns<F extends Fields> = { [N in keyof F & string]: F[N] extends Timestamp ? N : never }[keyof F & string];

interface AgentOptionsBase<
  In extends Fields,
  Out extends Fields,
  D extends StateDescriptors,
  R,
  E extends TimeColumns<Out> | undefined,
> {
  /** Stable: it is the operator id and a label of the telemetry. */
  readonly name: string;
  /** The columns that the agent reads; the stream may have others. */
  readonly input: Schema<In>;
  /** The rows that the agent emits. */
  readonly output: Schema<Out>;
  /** The column or columns whose values have a state each; without it the agent has one state. */
  readonly key?: (keyof In & string) | readonly (keyof In & string)[];
  /** Typed states, kept in the job's state store: they survive restarts of the agent and of the process. */
  readonly state?: D;
  /** Time column of the output; default none. Its times must not be below those of the rows that were handled. */
  readonly eventTime?: E;
  /** Opens what the agent needs while it runs; called again at each restart. */
  readonly onStart?: (context: AgentLifeContext) => R | Promise<R>;
  /** Closes it again; called before a restart, too. */
  readonly onStop?: (context: AgentStopContext<R>) => void | Promise<void>;
  readonly supervision?: SupervisionOptions;
  /**
   * `fail` (default): the agent is restarted and tries the batch again. `skip`: the row is passed over and counted.
   * `dead-letter`: it goes to the dead letters with the error and the trace. With `onBatch` the unit is the batch.
   */
  readonly onFailure?: FailurePolicy;
  /** Bytes that wait for the agent before the stream in front of it waits; default 8 MiB. */
  readonly mailboxBytes?: number;
}

/** An agent handles rows one at a time or batches as they are. A handler may run again for what it has seen before. */
export type AgentOptions<
  In extends Fields,
  Out extends Fields,
  D extends StateDescriptors,
  R,
  E extends TimeColumns<Out> | undefined = undefined,
> = AgentOptionsBase<In, Out, D, R, E> &
  (
    | { readonly onRow: RowHandler<In, Out, D, R>; readonly onBatch?: never }
    | { readonly onBatch: BatchHandler<In, Out, D, R>; readonly onRow?: never }
  );

/** How the agent is called, without the types of its state and resources. */
export interface AgentHandlers {
  readonly onStart: ((context: AgentLifeContext) => unknown) | undefined;
  readonly onStop: ((context: AgentStopContext<unknown>) => unknown) | undefined;
  readonly onRow: RowHandler<Fields, Fields, StateDescriptors, unknown> | undefined;
  readonly onBatch: BatchHandler<Fields, Fields, StateDescriptors, unknown> | undefined;
}

/** A defined agent: a value that says what to run; `attachAgent` gives it a stream. */
export interface Agent<In extends Fields = Fields, Out extends Fields = Fields, T extends StreamTime = StreamTime> {
  readonly name: string;
  readonly input: Schema<In>;
  readonly output: Schema<Out>;
  readonly key: readonly (keyof In & string)[];
  readonly state: StateDescriptors;
  readonly eventTime: string | null;
  /** Phantom: whether the output has event time. */
  readonly time?: T;
  readonly policy: RestartPolicy;
  readonly onFailure: FailurePolicy;
  readonly mailboxBytes: number;
  readonly handlers: AgentHandlers;
}

const DEFAULT_MAILBOX_BYTES = 8 * 1024 * 1024;

/**
 * Describes an agent: who it is, what it reads, remembers and emits, and how it is kept alive.
 *
 * State and emitted rows of a batch count when the whole batch has succeeded; a failed one leaves nothing behind.
 * Errors: `SABOT_AGENTS_DEFINITION_INVALID`, `SABOT_AGENTS_OPTION_INVALID`, `SABOT_STREAM_PLAN_INVALID` for a key column
 * whose type cannot be a key.
 *
 * @example
 * const watcher = defineAgent({ name: 'watcher', input: hourly.schema, output: alerts, key: 'origin', onRow(row, ctx) {} });
 */
export function defineAgent<
  In extends Fields,
  Out extends Fields,
  D extends StateDescriptors = Record<never, never>,
  R = undefined,
  const E extends TimeColumns<Out> | undefined = undefined,
>(options: AgentOptions<In, Out, D, R, E>): Agent<In, Out, E extends string ? 'event-time' : 'no-time'> {
  const { name } = options;
  if (name.trim() === '') throw invalid(name, 'its name is empty');
  if ((options.onRow === undefined) === (options.onBatch === undefined)) {
    throw invalid(name, 'it needs exactly one of onRow and onBatch');
  }
  const key = typeof options.key === 'string' ? [options.key] : [...(options.key ?? [])];
  for (const column of key) checkColumn(name, 'key', column, options.input);
  // Fails here rather than when the job starts if a column's type cannot be a key.
  createRowKeys(options.input, key);
  const eventTime: string | null = options.eventTime ?? null;
  if (eventTime !== null) checkColumn(name, 'eventTime', eventTime, options.output);
  const { onStart, onStop, onRow, onBatch } = options;
  return {
    name,
    input: options.input,
    output: options.output,
    key,
    state: options.state ?? {},
    eventTime,
    policy: restartPolicy(name, options.supervision),
    onFailure: options.onFailure ?? 'fail',
    mailboxBytes: atLeast(name, 'mailboxBytes', options.mailboxBytes ?? DEFAULT_MAILBOX_BYTES, 1),
    // The operator calls them with exactly the schemas, states and resources of this definition.
    handlers: { onStart, onStop, onRow, onBatch } as unknown as AgentHandlers,
  };
}

function checkColumn(agent: string, field: string, column: string, schema: Schema): void {
  if (schema.names.includes(column)) return;
  throw invalid(
    agent,
    `${field} names "${column}", and the columns are ${schema.names.map((n) => `"${n}"`).join(', ')}`,
  );
}

function invalid(agent: string, why: string): Error {
  return agentsErrors.error('DEFINITION_INVALID', { what: `cannot define agent "${agent}"`, why });
}
