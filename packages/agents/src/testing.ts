/** Drives an agent without a job, as a job would: batches in, rows out, one at a time. */
import { type Batch, batchFromRows, type Fields, type RowOf, rowsOf } from '@sabot/columnar';
import { createMemoryStateStore, type StateStore } from '@sabot/state';
import { type Clock, type Operator, type OperatorContext, type StreamTime, systemClock } from '@sabot/stream';
import type { Agent } from './agent/define-agent.js';
import { createAgentOperator } from './runtime/agent-operator.js';
import { type DeadLetterFields, deadLetterSchema } from './runtime/dead-letters.js';
import type { AgentStats } from './status/agent-stats.js';

export interface AgentHarnessOptions {
  /** Where the agent's states live; give the same one again to go on. Default a new memory store. */
  readonly store?: StateStore;
  /** Default the machine's. */
  readonly clock?: Clock;
  /** What `context.trace()` gives; default nothing. */
  readonly trace?: ReturnType<OperatorContext['trace']>;
  readonly signal?: AbortSignal;
  /** Wraps the operator as a job's decorators would. */
  readonly decorate?: (operator: Operator) => Operator;
}

/** A started agent under test. */
export interface AgentHarness<In extends Fields, Out extends Fields> extends AsyncDisposable {
  readonly stats: Readonly<AgentStats>;
  /** Handles the rows as one batch and gives the rows emitted for it. Rejects with what would fail the job. */
  feed(rows: readonly RowOf<In>[]): Promise<readonly RowOf<Out>[]>;
  /** The same for a batch as it is; returns a promise only if the agent does. */
  process(batch: Batch<In>): void | Promise<void>;
  /** Rows set aside since the last call. */
  takeDeadLetters(): readonly RowOf<DeadLetterFields<In>>[];
  stop(): Promise<void>;
}

/**
 * Starts an agent for a test.
 *
 * @example
 * await using harness = await startAgent(watcher);
 * expect(await harness.feed([{ origin: 'ATL', meanDelay: 90 }])).toEqual([]);
 */
export async function startAgent<In extends Fields, Out extends Fields, T extends StreamTime>(
  agent: Agent<In, Out, T>,
  options: AgentHarnessOptions = {},
): Promise<AgentHarness<In, Out>> {
  const letters = agent.onFailure === 'dead-letter' ? deadLetterSchema(agent.name, agent.input) : undefined;
  const plain = createAgentOperator(agent as unknown as Agent, letters);
  const operator = options.decorate?.(plain) ?? plain;
  const store = options.store ?? createMemoryStateStore();
  const received: [output: Batch[], deadLetters: Batch[]] = [[], []];
  const output = {
    emit: (batch: Batch, port = 0) => void received[port as 0 | 1].push(batch),
    signal: () => undefined,
  };
  const take = (port: 0 | 1) => received[port].splice(0).flatMap((batch) => rowsOf(batch));
  await operator.open({
    operatorId: agent.name,
    clock: options.clock ?? systemClock,
    state: () => store,
    callAt: () => () => undefined,
    trace: () => options.trace,
    signal: options.signal ?? new AbortController().signal,
  });
  return {
    // Agents' operators count in these.
    stats: operator.stats as AgentStats,
    async feed(rows) {
      await operator.process(batchFromRows(agent.input, rows) as unknown as Batch, 0, output);
      return take(0) as readonly RowOf<Out>[];
    },
    process: (batch) => operator.process(batch as unknown as Batch, 0, output),
    takeDeadLetters: () => take(1) as readonly RowOf<DeadLetterFields<In>>[],
    stop: async () => operator.close(),
    [Symbol.asyncDispose]: async () => operator.close(),
  };
}
