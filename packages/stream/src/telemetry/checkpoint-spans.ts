import type { Instruments, Registration } from '@sabot/core-observability';
import type { CheckpointFacts, CheckpointScope } from '../ports/task-decorator.js';
import type { streamTelemetry } from './catalogue.js';

type StreamInstruments = Instruments<typeof streamTelemetry>;
type CheckpointSeries = ReturnType<typeof bind>;

/** Checkpoints as spans and measurements; the series of a job are bound at its first checkpoint. */
export class CheckpointSpans {
  private readonly instruments: StreamInstruments;
  private readonly series = new Map<string, CheckpointSeries>();

  constructor(instruments: StreamInstruments) {
    this.instruments = instruments;
  }

  begin(job: string, epoch: number): CheckpointScope {
    const startedMs = performance.now();
    const attributes = { pipeline: job, 'checkpoint.epoch': epoch };
    const span = this.instruments.spans.checkpoint.start(attributes, { parent: null });
    return {
      trace: span.context,
      end: (facts, error) => {
        const outcome = error === undefined ? 'committed' : 'failed';
        if (error !== undefined) span.recordFailure(error);
        this.measure(job, facts, outcome, performance.now() - startedMs);
        span.set('checkpoint.outcome', outcome);
        span.set('checkpoint.bytes', facts.snapshotBytes);
        span.set('checkpoint.final', facts.final);
        span.end();
      },
    };
  }

  /** Takes the series of a job out of collection. */
  forget(job: string): void {
    const bound = this.series.get(job);
    if (bound === undefined) return;
    this.series.delete(job);
    for (const series of Object.values(bound) as Registration[]) series.remove();
  }

  private measure(job: string, facts: CheckpointFacts, outcome: 'committed' | 'failed', tookMs: number): void {
    const bound = this.series.get(job) ?? bind(this.instruments, job);
    this.series.set(job, bound);
    bound[outcome].add(1);
    if (outcome === 'failed') return;
    bound.duration.record(tookMs / 1000);
    bound.alignment.record(facts.alignmentMs / 1000);
    bound.size.set(facts.snapshotBytes);
  }
}

function bind({ metrics }: StreamInstruments, pipeline: string) {
  return {
    committed: metrics.checkpoints.series({ pipeline, 'checkpoint.outcome': 'committed' }),
    failed: metrics.checkpoints.series({ pipeline, 'checkpoint.outcome': 'failed' }),
    duration: metrics.checkpointDuration.series({ pipeline }),
    alignment: metrics.checkpointAlignment.series({ pipeline }),
    size: metrics.checkpointSize.series({ pipeline }),
  };
}
