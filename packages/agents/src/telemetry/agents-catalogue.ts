import { defineTelemetry, type Instruments } from '@sabot/core-observability';

const perAgent = ['pipeline', 'operator', 'agent'] as const;

/** Everything that `@sabot/agents` emits. */
export const agentsTelemetry = defineTelemetry({
  scope: '@sabot/agents',
  attributes: {
    pipeline: { type: 'string', brief: 'Name of the job.', example: 'flights' },
    operator: { type: 'string', brief: 'Stable id of the operator.', example: 'delay-watcher' },
    agent: { type: 'string', brief: 'Name of the agent.', example: 'delay-watcher' },
    status: { type: 'string', brief: 'How a task ended.', values: ['ok', 'partial', 'failed'] },
    'agent.rows': { type: 'number', brief: 'Rows of the batch.' },
    'agent.restarts': { type: 'number', brief: 'Restarts since the process started.' },
    'agent.lifecycle': { type: 'string', brief: 'Where the agent is in its life.', example: 'running' },
  },
  metrics: {
    tasks: {
      name: 'sabot.agent.tasks.completed',
      kind: 'counter',
      unit: '{task}',
      brief: 'Batches handled: all rows, some set aside, or an attempt that failed and was taken back.',
      attributes: [...perAgent, 'status'],
    },
    rows: {
      name: 'sabot.agent.rows',
      kind: 'counter',
      unit: '{row}',
      brief: 'Rows given to the agent.',
      attributes: perAgent,
    },
    skippedRows: {
      name: 'sabot.agent.rows.skipped',
      kind: 'counter',
      unit: '{row}',
      brief: 'Rows passed over because their handler failed or the agent had stopped.',
      attributes: perAgent,
    },
    deadLetterRows: {
      name: 'sabot.agent.rows.dead_letter',
      kind: 'counter',
      unit: '{row}',
      brief: 'Rows sent to the dead letters.',
      attributes: perAgent,
    },
    restarts: {
      name: 'sabot.agent.restarts',
      kind: 'counter',
      unit: '{restart}',
      brief: 'Restarts by the supervisor.',
      attributes: perAgent,
    },
    health: {
      name: 'sabot.agent.health',
      kind: 'gauge',
      unit: '1',
      brief: '1 healthy, 0.5 restarted within the supervision window or stopped by itself, 0 failed.',
      attributes: perAgent,
    },
    mailboxBytes: {
      name: 'sabot.agent.mailbox.size',
      kind: 'gauge',
      unit: 'By',
      brief: 'Bytes that wait for the agent.',
      attributes: perAgent,
    },
    mailboxDepth: {
      name: 'sabot.agent.mailbox.depth',
      kind: 'gauge',
      unit: '{element}',
      brief: 'Batches and signals that wait for the agent.',
      attributes: perAgent,
    },
    duration: {
      name: 'sabot.agent.task.duration',
      kind: 'histogram',
      unit: 's',
      brief: 'Time to handle one batch, retries and waits between them included.',
      attributes: perAgent,
    },
  },
  spans: {
    register: {
      name: 'register_agent',
      kind: 'internal',
      brief: 'An agent became part of a running job.',
      attributes: perAgent,
    },
    start: { name: 'lifecycle_start_agent', kind: 'internal', brief: 'An agent started.', attributes: perAgent },
    stop: {
      name: 'lifecycle_stop_agent',
      kind: 'internal',
      brief: 'An agent stopped.',
      attributes: [...perAgent, 'agent.lifecycle'],
    },
    restart: {
      name: 'lifecycle_restart_agent',
      kind: 'internal',
      brief: 'A supervisor restarted an agent: the wait and the new start.',
      attributes: [...perAgent, 'agent.restarts'],
    },
    task: {
      name: 'execute_agent_task',
      kind: 'internal',
      brief: 'An agent handled one batch.',
      attributes: [...perAgent, 'agent.rows', 'status'],
    },
  },
});

export type AgentInstruments = Instruments<typeof agentsTelemetry>;

export interface AgentLabels {
  readonly pipeline: string;
  readonly operator: string;
  readonly agent: string;
}
