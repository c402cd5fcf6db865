import type { Observability } from '@sabot/core-observability';
import type { Operator, TaskDecorator } from '@sabot/stream';
import type { LiveJob, OperatorMeta } from '@sabot/stream/ports';
import type { AgentStats } from './status/agent-stats.js';
import { agentStatuses } from './status/agent-status.js';
import { LifeSpans, TaskSpans } from './telemetry/agent-spans.js';
import { type AgentInstruments, type AgentLabels, agentsTelemetry } from './telemetry/agents-catalogue.js';

export { agentsTelemetry };

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
