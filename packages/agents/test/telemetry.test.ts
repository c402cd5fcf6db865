import { createTestObservability } from '@sabot/core-observability/testing';
import { createMemoryStateStore } from '@sabot/state';
import type { Operator } from '@sabot/stream';
import type { JobStatus, OperatorMeta, OperatorStats } from '@sabot/stream/ports';
import { describe, expect, it } from 'vitest';
import { agentStatuses } from '../src/status/agent-status.js';
import { instrumentAgents } from '../src/telemetry.js';
import { startAgent } from '../src/testing.js';
import { countingAgent } from './counting-agent.js';
import { jumpingClock } from './virtual-clock.js';

const meta: OperatorMeta = {
  job: 'flights',
  operatorId: 'watcher',
  kind: 'agent',
  chain: 'watcher',
  facts: { agent: 'counter' },
};
const labels = { pipeline: 'flights', operator: 'watcher', agent: 'counter' };
const trace = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
const row = (amount: number) => ({ key: 'a', amount });

async function instrumented(agent: ReturnType<typeof countingAgent>, traceOfBatch: typeof trace | undefined) {
  const observability = createTestObservability({ detail: 'operator' });
  const decorator = instrumentAgents(observability);
  const decorate = (operator: Operator) => decorator.operator?.(operator, meta) as Operator;
  const harness = await startAgent(agent, {
    store: createMemoryStateStore(),
    clock: jumpingClock(),
    trace: traceOfBatch,
    decorate,
  });
  return { observability, decorator, harness };
}

/** Fails at the first call and at every negative amount. */
function failingFirst() {
  let calls = 0;
  return () => {
    if (calls++ === 0) throw new TypeError('not yet');
  };
}

describe('instrumentAgents', () => {
  it('publishes tasks by status, rows, restarts and health, until the agent is closed', async () => {
    const { observability, harness } = await instrumented(countingAgent({ before: failingFirst() }), undefined);
    await harness.feed([row(1), row(2)]);
    await harness.feed([row(3)]);
    const value = (name: string, more = {}) => observability.value(name, { ...labels, ...more });
    expect(value('sabot.agent.tasks.completed', { status: 'ok' })).toBe(2);
    expect(value('sabot.agent.tasks.completed', { status: 'failed' })).toBe(1);
    expect(value('sabot.agent.tasks.completed', { status: 'partial' })).toBe(0);
    expect(value('sabot.agent.restarts')).toBe(1);
    expect(value('sabot.agent.health')).toBe(0.5);
    expect(observability.points('sabot.agent.task.duration')).toHaveLength(1);
    await harness.stop();
    expect(observability.points('sabot.agent.health')).toEqual([]);
  });

  it('publishes rows that were skipped or set aside', async () => {
    const before = () => {
      throw new Error('bad');
    };
    const skipping = await instrumented(countingAgent({ before, onFailure: 'skip' }), undefined);
    await skipping.harness.feed([row(1), row(2)]);
    expect(skipping.observability.value('sabot.agent.rows.skipped', labels)).toBe(2);
    const keeping = await instrumented(countingAgent({ before, onFailure: 'dead-letter' }), undefined);
    await keeping.harness.feed([row(1)]);
    expect(keeping.observability.value('sabot.agent.rows.dead_letter', labels)).toBe(1);
    expect(keeping.observability.value('sabot.agent.tasks.completed', { ...labels, status: 'partial' })).toBe(1);
  });

  it('makes a span per task below the batch, and spans of the restart within it', async () => {
    const { observability, harness } = await instrumented(countingAgent({ before: failingFirst() }), trace);
    await harness.feed([row(1), row(2)]);
    await harness.stop();
    const [task] = observability.spans('execute_agent_task');
    expect(task).toMatchObject({
      traceId: trace.traceId,
      parentSpanId: trace.spanId,
      attributes: { ...labels, 'agent.rows': 2, status: 'ok' },
    });
    expect(observability.spans('lifecycle_restart_agent')).toMatchObject([
      {
        parentSpanId: task?.spanId,
        startTimeMs: 1_000,
        endTimeMs: 1_100,
        status: { code: 'error' },
        attributes: { ...labels, 'agent.restarts': 1 },
      },
    ]);
    for (const name of ['register_agent', 'lifecycle_start_agent', 'lifecycle_stop_agent']) {
      expect(observability.spans(name)).toMatchObject([{ parentSpanId: undefined, attributes: labels }]);
    }
  });

  it('records the error that fails the job on the span of the task', async () => {
    const before = () => {
      throw new Error('for ever');
    };
    const { observability, harness } = await instrumented(
      countingAgent({ before, supervision: { maxRestarts: 1 } }),
      trace,
    );
    await expect(harness.feed([row(1)])).rejects.toThrow('RESTART_LIMIT');
    expect(observability.spans('execute_agent_task')).toMatchObject([
      { status: { code: 'error' }, attributes: { 'error.type': 'SABOT_AGENTS_RESTART_LIMIT' } },
    ]);
    expect(observability.value('sabot.agent.health', labels)).toBe(0);
  });

  it('makes no span of batches that are not traced', async () => {
    const { observability, harness } = await instrumented(countingAgent(), { ...trace, traceFlags: 0 });
    await harness.feed([row(1)]);
    expect(observability.spans('execute_agent_task')).toEqual([]);
  });

  it('publishes what waits in front of an agent while the job runs', async () => {
    const { observability, decorator, harness } = await instrumented(countingAgent(), undefined);
    let queuedBytes = 0;
    const live = { job: 'flights', status: () => statusOf(harness.stats, queuedBytes) };
    const registration = decorator.job?.(live);
    queuedBytes = 4096;
    expect(observability.value('sabot.agent.mailbox.size', labels)).toBe(4096);
    expect(observability.value('sabot.agent.mailbox.depth', labels)).toBe(3);
    registration?.remove();
    expect(observability.points('sabot.agent.mailbox.size')).toEqual([]);
  });
});

describe('agentStatuses', () => {
  it('says of each agent of a job how it is', async () => {
    const { harness } = await instrumented(countingAgent({ before: failingFirst() }), undefined);
    await harness.feed([row(1)]);
    expect(agentStatuses({ status: () => statusOf(harness.stats, 10) })).toMatchObject([
      {
        name: 'counter',
        job: 'flights',
        operatorId: 'watcher',
        lifecycle: 'running',
        health: 'degraded',
        restarts: 1,
        lastFailure: 'SABOT_AGENTS_TASK_FAILED',
        mailboxElements: 3,
        mailboxBytes: 10,
        tasksCompleted: 1,
        tasksFailed: 1,
      },
    ]);
  });
});

function statusOf(stats: Readonly<OperatorStats>, queuedBytes: number): JobStatus {
  const times = { busyMs: 0, backpressuredMs: 0, idleMs: 0 };
  const operator = { facts: {}, times, queuedElements: 3, queuedBytes, memoryBytes: queuedBytes };
  return {
    job: 'flights',
    state: 'running',
    startedAtMs: 0,
    epoch: 1,
    operators: [
      { ...operator, id: 'filter', kind: 'stateless', chain: 'flights', stats },
      { ...operator, id: 'watcher', kind: 'agent', chain: 'watcher', stats },
    ],
    lastCheckpoint: undefined,
    checkpoints: 0,
    error: undefined,
  };
}
