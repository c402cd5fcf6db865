import { defineTelemetry, type Instruments, type Observability, type TraceContext } from '@sabot/core-observability';
import type { LiveJob, Operator, OperatorContext, OperatorMeta, TaskDecorator } from '@sabot/stream';
import { type AgentStats, eventsAfter, type LifecycleEvent } from './status/agent-stats.js';
import { agentStatuses } from './status/agent-status.js';

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

type AgentInstruments = Instruments<typeof agentsTelemetry>;

interface AgentLabels {
  readonly pipeline: string;
  readonly operator: string;
  readonly agent: string;
}

/**
 * Publishes every agent of a job: tasks, restarts, health, mailbox and durations, a span per step of its life and per
 * batch whose trace is sampled.
 *
 * @example
 * await startJob(job, { decorators: [instrumentAgents(observability)] });
 */
export function instrumentAgents(observability: Observability): TaskDecorator {
  const instruments = observability.instruments(agentsTelemetry);
  return {
    operator: (operator, meta) =>
      meta.kind === 'agent' ? tracedOperator(operator, meta, observability, instruments) : operator,
    job: (live) => observeMailboxes(live, instruments.metrics),
  };
}

function tracedOperator(
  inner: Operator,
  meta: OperatorMeta,
  observability: Observability,
  instruments: AgentInstruments,
): Operator {
  const stats = inner.stats as AgentStats;
  const labels: AgentLabels = { pipeline: meta.job, operator: meta.operatorId, agent: stats.agent };
  const life = new LifeSpans(stats, labels, instruments.spans);
  const tasks = new TaskSpans(stats, labels, observability, instruments, life);
  const registrations = observeStats(stats, labels, instruments.metrics);
  return {
    stats,
    async open(context) {
      tasks.context = context;
      try {
        await inner.open(context);
      } finally {
        life.publish(null);
      }
    },
    process: (batch, input, output) => tasks.run(batch.numRows, () => inner.process(batch, input, output)),
    onSignal: (signal, output) => inner.onSignal(signal, output),
    snapshot: (epoch) => inner.snapshot(epoch),
    restore: (bytes) => inner.restore(bytes),
    async close() {
      try {
        await inner.close();
      } finally {
        life.publish(null);
        tasks.duration.remove();
        for (const registration of registrations) registration.remove();
      }
    },
  };
}

/** Turns recorded steps of an agent's life into spans, after the fact and with their own times. */
class LifeSpans {
  private readonly stats: AgentStats;
  private readonly labels: AgentLabels;
  private readonly spans: AgentInstruments['spans'];
  private published = 0;

  constructor(stats: AgentStats, labels: AgentLabels, spans: AgentInstruments['spans']) {
    this.stats = stats;
    this.labels = labels;
    this.spans = spans;
  }

  publish(parent: TraceContext | null): void {
    if (this.published === this.stats.events) return;
    for (const event of eventsAfter(this.stats, this.published)) this.publishOne(event, parent);
    this.published = this.stats.events;
  }

  private publishOne(event: LifecycleEvent, parent: TraceContext | null): void {
    const { labels, stats } = this;
    const options = { parent, startTimeMs: event.startedAtMs };
    const span =
      event.kind === 'restart'
        ? this.spans.restart.start({ ...labels, 'agent.restarts': stats.restarts }, options)
        : event.kind === 'stop'
          ? this.spans.stop.start({ ...labels, 'agent.lifecycle': stats.lifecycle }, options)
          : this.spans[event.kind].start(labels, options);
    if (event.error !== undefined) span.recordFailure(event.error);
    span.end(event.endedAtMs);
  }
}

/** One span and one duration per batch. */
class TaskSpans {
  context: OperatorContext | undefined;
  readonly duration: ReturnType<AgentInstruments['metrics']['duration']['series']>;
  private readonly stats: AgentStats;
  private readonly labels: AgentLabels;
  private readonly observability: Observability;
  private readonly instruments: AgentInstruments;
  private readonly life: LifeSpans;

  constructor(
    stats: AgentStats,
    labels: AgentLabels,
    observability: Observability,
    instruments: AgentInstruments,
    life: LifeSpans,
  ) {
    this.stats = stats;
    this.labels = labels;
    this.observability = observability;
    this.instruments = instruments;
    this.life = life;
    this.duration = instruments.metrics.duration.series(labels);
  }

  run(rows: number, work: () => void | Promise<void>): void | Promise<void> {
    const parent = this.sampledParent();
    if (parent === undefined) return this.timed(undefined, work);
    return this.instruments.spans.task.trace(
      { ...this.labels, 'agent.rows': rows },
      (span) => {
        const before = this.stats.tasksPartial;
        const done = this.timed(span.context, work);
        const finish = () => span.set('status', this.stats.tasksPartial > before ? 'partial' : 'ok');
        if (done === undefined) return finish();
        return done.then(finish);
      },
      { parent },
    );
  }

  private timed(trace: TraceContext | undefined, work: () => void | Promise<void>): void | Promise<void> {
    const startedMs = performance.now();
    const finish = () => {
      this.duration.record((performance.now() - startedMs) / 1000, trace);
      this.life.publish(trace ?? null);
    };
    let done: void | Promise<void>;
    try {
      done = work();
    } catch (error) {
      finish();
      throw error;
    }
    if (done === undefined) return finish();
    return done.finally(finish);
  }

  private sampledParent(): TraceContext | undefined {
    if (this.observability.detail === 'batch') return undefined;
    const trace = this.context?.trace();
    return trace !== undefined && (trace.traceFlags & 1) === 1 ? trace : undefined;
  }
}

const healthValues = { healthy: 1, degraded: 0.5, stopped: 0.5, failed: 0 } as const;

function observeStats(stats: AgentStats, labels: AgentLabels, metrics: AgentInstruments['metrics']) {
  return [
    metrics.tasks.observe({ ...labels, status: 'ok' }, () => stats.tasksCompleted),
    metrics.tasks.observe({ ...labels, status: 'partial' }, () => stats.tasksPartial),
    metrics.tasks.observe({ ...labels, status: 'failed' }, () => stats.tasksFailed),
    metrics.rows.observe(labels, () => stats.rowsIn),
    metrics.skippedRows.observe(labels, () => stats.skippedRows),
    metrics.deadLetterRows.observe(labels, () => stats.deadLetterRows),
    metrics.restarts.observe(labels, () => stats.restarts),
    metrics.health.observe(labels, () => healthValues[stats.health]),
  ];
}

function observeMailboxes(live: LiveJob, metrics: AgentInstruments['metrics']) {
  const registrations = agentStatuses(live).flatMap(({ name, operatorId }) => {
    const labels = { pipeline: live.job, operator: operatorId, agent: name };
    const mailbox = () => agentStatuses(live).find((status) => status.operatorId === operatorId);
    return [
      metrics.mailboxBytes.observe(labels, () => mailbox()?.mailboxBytes ?? 0),
      metrics.mailboxDepth.observe(labels, () => mailbox()?.mailboxElements ?? 0),
    ];
  });
  return {
    remove() {
      for (const registration of registrations) registration.remove();
    },
  };
}
