import { describeType, type Fields, type Schema, sameType } from '@sabot/columnar';
import { bindStates, createMemoryStateStore } from '@sabot/state';
import type { OperatorSpec, Stream, StreamTime } from '@sabot/stream';
import { agentsErrors } from '../errors.js';
import { createAgentOperator } from '../runtime/agent-operator.js';
import { type DeadLetterFields, deadLetterSchema } from '../runtime/dead-letters.js';
import type { Agent } from './define-agent.js';

export interface AttachAgentOptions {
  /** Stable operator id; default the agent's name. Needed when one agent is attached to several streams of a job. */
  readonly name?: string;
}

/** What an agent gives. */
export interface AttachedAgent<In extends Fields, Out extends Fields, T extends StreamTime> {
  readonly output: Stream<Out, T>;
  /** Rows that were set aside; empty unless `onFailure` is `dead-letter`. */
  readonly deadLetters: Stream<DeadLetterFields<In>, StreamTime>;
}

const DEAD_LETTERS = 'deadLetters';

/**
 * Gives an agent a stream to watch, behind a mailbox that is bounded in bytes: a full one makes the stream wait.
 *
 * Errors: `SABOT_AGENTS_INPUT_MISMATCH` for a column that the stream lacks or has with another type,
 * `SABOT_AGENTS_DEFINITION_INVALID` for an input column with the name of a dead-letter column.
 *
 * @example
 * const { output: alerts, deadLetters } = attachAgent(hourly, watcher);
 */
export function attachAgent<In extends Fields, Out extends Fields, T extends StreamTime, F extends In>(
  stream: Stream<F>,
  agent: Agent<In, Out, T>,
  options: AttachAgentOptions = {},
): AttachedAgent<In, Out, T> {
  checkInput(stream.schema, agent);
  const letters = agent.onFailure === 'dead-letter' ? deadLetterSchema(agent.name, agent.input) : undefined;
  const applied = stream.apply<Out, T>(specOf(agent, options.name ?? agent.name, letters));
  return {
    output: applied,
    get deadLetters() {
      if (letters !== undefined) return applied.side<DeadLetterFields<In>>(DEAD_LETTERS);
      throw agentsErrors.error('DEFINITION_INVALID', {
        what: `agent "${agent.name}" has no dead letters`,
        why: `its onFailure is '${agent.onFailure}'`,
        remedy: "Define it with onFailure: 'dead-letter'.",
      });
    },
  };
}

function specOf<In extends Fields, Out extends Fields, T extends StreamTime>(
  agent: Agent<In, Out, T>,
  name: string,
  letters: Schema | undefined,
): OperatorSpec<Out> {
  const stateSchema = stateSchemaOf(agent as unknown as Agent);
  return {
    kind: 'agent',
    name,
    schema: agent.output,
    eventTime: agent.eventTime,
    async: true,
    channelBytes: agent.mailboxBytes,
    describe: `agent ${agent.name}, ${agent.policy.restart}, rows that fail: ${agent.onFailure}`,
    facts: { agent: agent.name },
    ...(letters === undefined ? {} : { sideOutputs: { [DEAD_LETTERS]: letters } }),
    ...(stateSchema === undefined ? {} : { stateSchema }),
    // The operator hands the handlers rows of exactly these schemas.
    create: () => createAgentOperator(agent as unknown as Agent, letters),
  };
}

/** The key belongs to the schema: states of one column mean nothing under another. */
function stateSchemaOf(agent: Agent): string | undefined {
  if (Object.keys(agent.state).length === 0) return undefined;
  const key = agent.key.map((column) => `${column}:${describeType(agent.input.fields[column] as never)}`);
  return `by(${key.join(',')})${bindStates(createMemoryStateStore(), agent.state).schema}`;
}

function checkInput<In extends Fields, Out extends Fields, T extends StreamTime>(
  schema: Schema,
  agent: Agent<In, Out, T>,
): void {
  for (const column of agent.input.names) {
    const wanted = agent.input.fields[column];
    const given = schema.fields[column];
    if (given !== undefined && wanted !== undefined && sameType(given, wanted)) continue;
    throw agentsErrors.error('INPUT_MISMATCH', {
      what: `cannot attach agent "${agent.name}"`,
      why:
        given === undefined
          ? `the stream has no column "${column}"`
          : `column "${column}" is ${describeType(given)} and the agent reads ${describeType(wanted as never)}`,
    });
  }
}
