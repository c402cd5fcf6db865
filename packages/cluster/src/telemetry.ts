import { createHash } from 'node:crypto';
import {
  carrierOf,
  extractContext,
  type Instruments,
  injectContext,
  isSabotError,
  type Observability,
  type Registration,
  type TraceContext,
} from '@sabot/core-observability';
import type { CommitRegister } from '@sabot/stream';
import type { Engine } from './engine/engine.js';
import { clusterTelemetry } from './telemetry/catalogue.js';
import { type DistributedWork, type DistributeOptions, distributeWork } from './work/distribute-work.js';
import type { Worker } from './worker/worker.js';
import type { WorkerEvent } from './worker/worker-events.js';
import type { WorkExecutor } from './worker/worker-options.js';

export { clusterTelemetry } from './telemetry/catalogue.js';

type ClusterInstruments = Instruments<typeof clusterTelemetry>;

/** The engine with every commit measured. */
export function instrumentEngine<E extends Engine>(engine: E, observability: Observability): E {
  const { commitDuration } = observability.instruments(clusterTelemetry).metrics;
  const registers = new Map<string, CommitRegister>();
  const register = (job: string, task: string): CommitRegister => {
    const known = registers.get(`${job}/${task}`);
    if (known !== undefined) return known;
    const series = {
      committed: commitDuration.series({ job, outcome: 'committed' }),
      fenced: commitDuration.series({ job, outcome: 'fenced' }),
      failed: commitDuration.series({ job, outcome: 'failed' }),
    };
    const measured = measuredRegister(engine.register(job, task), (outcome, seconds) =>
      series[outcome].record(seconds),
    );
    registers.set(`${job}/${task}`, measured);
    return measured;
  };
  return { ...engine, register };
}

function measuredRegister(
  register: CommitRegister,
  record: (outcome: 'committed' | 'fenced' | 'failed', seconds: number) => void,
): CommitRegister {
  return {
    read: () => register.read(),
    async advance(commit, expected) {
      const startedMs = performance.now();
      try {
        const revision = await register.advance(commit, expected);
        record('committed', (performance.now() - startedMs) / 1000);
        return revision;
      } catch (error) {
        const fenced = isSabotError(error) && error.code === 'SABOT_STREAM_FENCED';
        record(fenced ? 'fenced' : 'failed', (performance.now() - startedMs) / 1000);
        throw error;
      }
    },
  };
}

/** Publishes a worker's facts and turns what happens to it into spans; ends by itself when the worker has drained. */
export function instrumentWorker(worker: Worker, observability: Observability): Worker {
  const instruments = observability.instruments(clusterTelemetry);
  const registrations = observeFacts(worker, instruments);
  const heartbeats = instruments.metrics.heartbeatDuration.series({ worker: worker.name });
  const stop = worker.listen((event) => {
    if (event.kind === 'heartbeat') heartbeats.record(event.roundTripMs / 1000);
    else recordEvent(worker.name, event, instruments);
  });
  return {
    name: worker.name,
    view: worker.view,
    start: () => worker.start(),
    status: () => worker.status(),
    listen: (listener) => worker.listen(listener),
    async drain(options) {
      const report = await worker.drain(options);
      stop();
      for (const registration of [...registrations, heartbeats]) registration.remove();
      return report;
    },
    async [Symbol.asyncDispose]() {
      await this.drain();
    },
  };
}

function observeFacts(worker: Worker, { metrics }: ClusterInstruments): readonly Registration[] {
  const labels = { worker: worker.name };
  return [
    metrics.nodesActive.observe(labels, () => worker.status().nodes),
    metrics.tasksOwned.observe(labels, () => worker.status().tasks.length),
    metrics.generation.observe(labels, () => worker.status().generation),
    metrics.leading.observe(labels, () => (worker.status().leader ? 1 : 0)),
    metrics.sessionsExpired.observe(labels, () => worker.status().stats.sessionsExpired),
    metrics.frozen.observe(labels, () => worker.status().stats.frozen),
    metrics.checkpointAge.observe(labels, () => oldestCommitMs(worker) / 1000),
  ];
}

function oldestCommitMs(worker: Worker): number {
  const ages = worker.status().tasks.map(({ commitAgeMs }) => commitAgeMs ?? 0);
  return Math.max(0, ...ages);
}

function recordEvent(worker: string, event: WorkerEvent, instruments: ClusterInstruments): void {
  const { metrics } = instruments;
  switch (event.kind) {
    case 'session-expired':
      metrics.failoverDuration.series({ phase: 'detect' }).record(event.silentMs / 1000);
      return;
    case 'assigned':
      recordDecision(worker, event, instruments);
      return;
    case 'task-started':
      recordTakeOver(worker, event, instruments);
      return;
    case 'task-ended':
      metrics.tasksEnded.series({ job: event.job, ending: event.outcome }).add(1);
      return;
    case 'work-ended':
      metrics.workCompleted.series({ kind: event.workKind, result: event.outcome }).add(1);
      return;
    case 'heartbeat':
    case 'session-lost':
    case 'elected':
      return;
  }
}

function recordDecision(
  worker: string,
  event: Extract<WorkerEvent, { kind: 'assigned' }>,
  { spans }: ClusterInstruments,
): void {
  const startTimeMs = Date.now() - event.durationMs;
  const record = (kind: 'failover' | 'rebalance', keys: readonly string[]): void => {
    for (const [job, tasks] of countByJob(keys)) {
      const parent = sharedTrace(job, kind, event.generation);
      spans[kind].start({ job, worker, generation: event.generation, tasks }, { parent, startTimeMs }).end();
    }
  };
  record('failover', event.failedOver);
  record('rebalance', event.moved);
}

function recordTakeOver(
  worker: string,
  event: Extract<WorkerEvent, { kind: 'task-started' }>,
  { metrics, spans }: ClusterInstruments,
): void {
  if (event.cause !== 'failover' && event.cause !== 'hand-over') return;
  const kind = event.cause === 'failover' ? 'failover' : 'rebalance';
  const duration = kind === 'failover' ? metrics.failoverDuration : metrics.rebalanceDuration;
  duration.series({ phase: 'claim' }).record(event.claimMs / 1000);
  duration.series({ phase: 'restore' }).record(event.startMs / 1000);
  const { generation, job, task } = event;
  const startTimeMs = Date.now() - event.claimMs - event.startMs;
  spans[kind]
    .start({ job, task, worker, generation }, { parent: sharedTrace(job, kind, generation), startTimeMs })
    .end();
}

function countByJob(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) {
    const job = key.slice(0, key.indexOf('/'));
    counts.set(job, (counts.get(job) ?? 0) + 1);
  }
  return counts;
}

/** `distributeWork` with a span around handing in; the tries of the workers join its trace. */
export function instrumentDistribution(observability: Observability): typeof distributeWork {
  const { distributeWork: span } = observability.instruments(clusterTelemetry).spans;
  return (engine: Engine, options: DistributeOptions): Promise<DistributedWork> =>
    span.trace({ kind: options.kind }, (handle) => {
      const headers: Record<string, string> = {};
      injectContext(handle.context, carrierOf(headers));
      const trace = options.trace ?? headers['traceparent'];
      return distributeWork(engine, trace === undefined ? options : { ...options, trace });
    });
}

/** A worker's executors with an active span around each try, in the trace of whoever distributed the work. */
export function instrumentExecutors(
  work: Readonly<Record<string, WorkExecutor>>,
  observability: Observability,
): Readonly<Record<string, WorkExecutor>> {
  const { distributeWork: span } = observability.instruments(clusterTelemetry).spans;
  const wrapped = Object.entries(work).map(([kind, execute]): [string, WorkExecutor] => [
    kind,
    (input, context) => {
      const { attempt, id, trace, worker } = context;
      const caller = trace === undefined ? undefined : extractContext(carrierOf({ traceparent: trace }));
      const parent = caller ?? sharedTrace(id, 'distribute_work', 0);
      return span.trace({ kind, worker, attempt }, () => execute(input, context), { parent });
    },
  ]);
  return Object.fromEntries(wrapped);
}

/**
 * The trace that all nodes' spans of one event share without talking: its ids are a hash of what they all know.
 * Their parent is a span that nobody emits, so each node's span is a root of the same trace.
 */
function sharedTrace(subject: string, kind: string, generation: number): TraceContext {
  const hash = createHash('sha256').update(`${subject}\n${kind}\n${generation}`).digest('hex');
  return { traceId: hash.slice(0, 32), spanId: hash.slice(32, 48), traceFlags: 1 };
}
