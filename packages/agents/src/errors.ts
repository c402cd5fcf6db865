import { defineErrors } from '@sabot/core-observability/errors';

/** Every code that `@sabot/agents` raises; the prefix is `SABOT_AGENTS_`. */
export const agentsErrors = defineErrors('agents', {
  DEFINITION_INVALID: {
    kind: 'usage',
    summary: 'An agent was defined in a way that cannot run.',
    remedy: 'Correct the definition; the message names the field.',
  },
  OPTION_INVALID: {
    kind: 'usage',
    summary: 'A supervision or mailbox option has a value outside its range.',
    remedy: 'Give a value inside the range that is named.',
  },
  INPUT_MISMATCH: {
    kind: 'usage',
    summary: 'An agent was attached to a stream that lacks one of its input columns or has it with another type.',
    remedy: 'Select or cast the columns before the agent, or change its input schema.',
  },
  NOT_STARTED: {
    kind: 'usage',
    summary: 'A handler asked for something that exists only while a batch is handled.',
    remedy: 'Use state and emit inside onRow or onBatch, and wait for what they start before they return.',
  },
  ROW_OUT_OF_RANGE: {
    kind: 'usage',
    summary: 'onBatch asked for the state of a row that the batch does not have.',
    remedy: 'Call at(row) with 0 ≤ row < batch.numRows.',
  },
  RESTART_LIMIT: {
    kind: 'operational',
    summary: 'An agent failed more often than its supervision allows within its window.',
    remedy:
      'Look at the cause; raise maxRestarts or withinMs if the failure passes, or set rows that fail aside with onFailure.',
  },
  TASK_FAILED: {
    kind: 'operational',
    summary: 'A row or batch was set aside because its handler threw something that is no coded error.',
    remedy: 'Look at the message; the dead-letter row carries the input and the trace.',
  },
  STOPPED: {
    kind: 'operational',
    summary: 'A row came to an agent that had stopped for good and was set aside.',
    remedy: "Use restart: 'permanent' for agents that must go on, or look at why the agent stopped.",
  },
});
