import type { Batch } from '@sabot/columnar';
import type { Histogram, Instruments, Observability, Registration, SpanHandle } from '@sabot/core-observability';
import type { Operator, OperatorOutput } from '../ports/operator.js';
import type { TracedBatch } from '../ports/signal.js';
import type { BatchScope, ChainMeta, OperatorMeta } from '../ports/task-decorator.js';
import type { streamTelemetry } from './catalogue.js';

type StreamInstruments = Instruments<typeof streamTelemetry>;

/** The span of the batch that a chain works on, for the spans of its operators. */
export interface ActiveBatch {
  /** The span of the operator whose call is running: what it calls nests under it. */
  innermost: SpanHandle | undefined;
}

/** One chain's batches as spans and durations. Bound once per chain: a batch costs one span start and one recording. */
export class BatchSpans {
  private readonly instruments: StreamInstruments;
  private readonly observability: Observability;
  private readonly active = new Map<string, ActiveBatch>();
  private readonly durations = new Map<string, Histogram & Registration>();

  constructor(observability: Observability, instruments: StreamInstruments) {
    this.observability = observability;
    this.instruments = instruments;
  }

  begin(meta: ChainMeta, element: TracedBatch): BatchScope {
    const active = this.activeOf(meta);
    const startedMs = performance.now();
    // A batch from a log begins a trace of its own and links to its producer; inside the job the trace goes on.
    const parent = meta.source ? null : (element.trace ?? null);
    const links = meta.source && element.trace !== undefined ? [element.trace] : [];
    const attributes = {
      pipeline: meta.job,
      chain: meta.chain,
      'batch.rows': element.batch.numRows,
      'messaging.system': 'sabot',
    } as const;
    const span = this.instruments.spans.batch.start(attributes, { parent, links });
    active.innermost = span;
    return {
      trace: span.context,
      end: (error) => {
        active.innermost = undefined;
        if (error !== undefined) span.recordFailure(error);
        span.end();
        this.durationOf(meta).record((performance.now() - startedMs) / 1000, span.recording ? span.context : undefined);
      },
    };
  }

  /** The operator with a child span per batch, as long as the batch's span is recording. */
  wrap(operator: Operator, meta: OperatorMeta): Operator {
    const active = this.activeOf(meta);
    return new TracedOperator(operator, meta, active, this.observability, this.instruments);
  }

  /** Takes the series of a job's chains out of collection. */
  forget(job: string): void {
    for (const [key, series] of this.durations) {
      if (!key.startsWith(`${job}\0`)) continue;
      series.remove();
      this.durations.delete(key);
    }
    for (const key of this.active.keys()) if (key.startsWith(`${job}\0`)) this.active.delete(key);
  }

  /** Lanes take turns on a thread, and those that wait do so at the same time: each has its own. */
  private activeOf({ job, chain, lane }: Pick<ChainMeta, 'job' | 'chain' | 'lane'>): ActiveBatch {
    const key = `${job}\0${chain}\0${lane ?? ''}`;
    const known = this.active.get(key);
    if (known !== undefined) return known;
    const created: ActiveBatch = { innermost: undefined };
    this.active.set(key, created);
    return created;
  }

  private durationOf({ job, chain }: ChainMeta): Histogram {
    const key = `${job}\0${chain}`;
    const known = this.durations.get(key);
    if (known !== undefined) return known;
    const series = this.instruments.metrics.duration.series({ pipeline: job, chain });
    this.durations.set(key, series);
    return series;
  }
}

class TracedOperator implements Operator {
  private readonly inner: Operator;
  private readonly meta: OperatorMeta;
  private readonly active: ActiveBatch;
  private readonly observability: Observability;
  private readonly instruments: StreamInstruments;

  constructor(
    inner: Operator,
    meta: OperatorMeta,
    active: ActiveBatch,
    observability: Observability,
    instruments: StreamInstruments,
  ) {
    this.inner = inner;
    this.meta = meta;
    this.active = active;
    this.observability = observability;
    this.instruments = instruments;
  }

  get stats() {
    return this.inner.stats;
  }

  get forwardsWatermarks() {
    return this.inner.forwardsWatermarks === true;
  }

  open(context: Parameters<Operator['open']>[0]) {
    return this.inner.open(context);
  }

  process(batch: Batch, input: number, output: OperatorOutput): void | Promise<void> {
    const parent = this.active.innermost;
    if (parent?.recording !== true || this.observability.detail === 'batch')
      return this.inner.process(batch, input, output);
    const { job, operatorId, kind } = this.meta;
    const attributes = { pipeline: job, operator: operatorId, 'operator.kind': kind, 'batch.rows': batch.numRows };
    const span = this.instruments.spans.operator.start(attributes, { parent });
    this.active.innermost = span;
    const ended = () => {
      this.active.innermost = parent;
      span.end();
    };
    const failed = (error: unknown): never => {
      span.recordFailure(error);
      ended();
      throw error;
    };
    try {
      const waits = this.inner.process(batch, input, output);
      if (waits !== undefined) return waits.then(ended, failed);
      ended();
      return undefined;
    } catch (error) {
      return failed(error);
    }
  }

  onSignal(...parameters: Parameters<Operator['onSignal']>) {
    return this.inner.onSignal(...parameters);
  }

  snapshot(epoch: number) {
    return this.inner.snapshot(epoch);
  }

  restore(bytes: Uint8Array) {
    this.inner.restore(bytes);
  }

  close() {
    return this.inner.close();
  }
}
