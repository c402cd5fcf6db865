import type { Observability, TraceContext } from '@sabot/core-observability';
import type { OperatorContext } from '@sabot/stream';
import { type AgentStats, eventsAfter, type LifecycleEvent } from '../status/agent-stats.js';
import type { AgentInstruments, AgentLabels } from './agents-catalogue.js';

/** Turns recorded steps of an agent's life into spans, after the fact and with their own times. */
export class LifeSpans {
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
export class TaskSpans {
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
