import type { SpanKindName } from '../catalogue/catalogue.js';
import type { KeepReason, SpanHandle } from '../observability.js';
import type { FlightRecorder } from '../recorder/flight-recorder.js';
import { nowMs } from './clock.js';
import { describeFailure } from './failure.js';
import { dedupeLinks } from './links.js';
import type { RetroactiveSampling } from './retroactive-sampling.js';
import type { BoundSite, StartAttributes } from './span-backend.js';
import { randomWord, type TraceIdentity, wordToHex } from './span-identity.js';
import type {
  Attributes,
  AttributeValue,
  ScopeIdentity,
  SpanEvent,
  SpanRecord,
  SpanSink,
  SpanStatus,
} from './span-record.js';
import type { TraceContext } from './trace-context.js';

/** More events than this in one span are counted, not kept (the specification's limit). */
const MAX_EVENTS = 128;
const noEvents: readonly SpanEvent[] = [];
const noLinks: readonly TraceContext[] = [];

/** What a span needs to begin; ids are words until somebody reads them. */
export interface SpanStart {
  readonly site: BoundSite;
  readonly trace: TraceIdentity;
  readonly parentSpanId: string | undefined;
  readonly attributes: StartAttributes;
  readonly links: readonly TraceContext[] | undefined;
  readonly startTimeMs: number;
  /** The flight recorder's sequence number; -1 when this span is not a batch root. */
  readonly sequence: number;
  readonly spanHigh: number;
  readonly spanLow: number;
}

/** What all spans of one backend share. */
export interface SpanSurroundings {
  readonly sink: SpanSink;
  readonly recorder: FlightRecorder;
  readonly retroactive: RetroactiveSampling;
}

/**
 * A span that is kept, or may be: the handle while it runs, and the record when it has ended. A root outside the sample is
 * one too, so that it is whole if its end shows that it must be kept.
 */
export class RecordedSpan implements SpanHandle, SpanRecord {
  readonly recording: boolean;
  readonly startTimeMs: number;
  links: readonly TraceContext[];
  readonly trace: TraceIdentity;
  readonly parentSpanId: string | undefined;
  endTimeMs = 0;
  droppedEvents = 0;
  status: SpanStatus = { code: 'unset' };
  private readonly site: BoundSite;
  private readonly initial: StartAttributes;
  private readonly spanHigh: number;
  private readonly spanLow: number;
  private readonly sequence: number;
  private readonly sink: SpanSink;
  private readonly recorder: FlightRecorder;
  private readonly retroactive: RetroactiveSampling;
  private mark: KeepReason | undefined;
  private renamed: string | undefined;
  private errorType: string | undefined;
  private added: (string | AttributeValue)[] | undefined;
  private happened: SpanEvent[] | undefined;
  private identity: TraceContext | undefined;
  private ended = false;
  private kept = false;

  constructor(start: SpanStart, { sink, recorder, retroactive }: SpanSurroundings) {
    this.recording = start.trace.sampled;
    this.retroactive = retroactive;
    this.site = start.site;
    this.trace = start.trace;
    this.parentSpanId = start.parentSpanId;
    this.initial = start.attributes;
    this.links = start.links ?? noLinks;
    this.startTimeMs = start.startTimeMs;
    this.spanHigh = start.spanHigh;
    this.spanLow = start.spanLow;
    this.sequence = start.sequence;
    this.sink = sink;
    this.recorder = recorder;
  }

  get context(): TraceContext {
    if (this.identity === undefined) {
      const { traceId, traceState } = this.trace;
      const spanId = wordToHex(this.spanHigh) + wordToHex(this.spanLow);
      this.identity = {
        traceId,
        spanId,
        traceFlags: this.recording ? 1 : 0,
        ...(traceState === undefined ? {} : { traceState }),
      };
    }
    return this.identity;
  }

  get scope(): ScopeIdentity {
    return this.site.scope;
  }
  get name(): string {
    return this.renamed ?? this.site.name;
  }
  get kind(): SpanKindName {
    return this.site.kind;
  }
  get traceId(): string {
    return this.context.traceId;
  }
  get spanId(): string {
    return this.context.spanId;
  }
  get traceFlags(): number {
    return 1;
  }
  get traceState(): string | undefined {
    return this.trace.traceState;
  }
  get events(): readonly SpanEvent[] {
    return this.happened ?? noEvents;
  }

  get attributes(): Attributes {
    const merged: Record<string, AttributeValue> = {};
    for (const name in this.initial) {
      const value = this.initial[name];
      if (value !== undefined) merged[name] = value;
    }
    const { added } = this;
    if (added !== undefined) {
      for (let at = 0; at < added.length; at += 2) merged[added[at] as string] = added[at + 1] as AttributeValue;
    }
    return merged;
  }

  set(name: string, value: AttributeValue): void {
    if (this.ended) return;
    if (this.added === undefined) this.added = [name, value];
    else this.added.push(name, value);
    if (this.sequence >= 0) this.recorder.set(this.sequence, name, value);
  }

  event(name: string, attributes: Attributes = {}): void {
    if (this.ended) return;
    this.happened ??= [];
    if (this.happened.length >= MAX_EVENTS) this.droppedEvents++;
    else this.happened.push({ name, timeMs: nowMs(), attributes });
  }

  recordFailure(error: unknown): void {
    if (this.ended) return;
    const facts = describeFailure(error);
    this.errorType = facts.type;
    this.status = { code: 'error', message: facts.message };
    this.set('error.type', facts.type);
    this.event('exception', facts.event);
  }

  /** Status error with a message and without an exception. */
  fail(message: string): void {
    if (this.ended) return;
    this.errorType ??= '_OTHER';
    this.status = { code: 'error', message };
  }

  rename(name: string): void {
    if (!this.ended) this.renamed = name;
  }

  addLinks(contexts: readonly TraceContext[]): void {
    if (!this.ended) this.links = dedupeLinks([...this.links, ...contexts]);
  }

  keep(reason: KeepReason): void {
    this.mark ??= reason;
  }

  end(endTimeMs?: number): void {
    if (this.ended) return;
    // A clock that was stepped back must not make a span end before it began.
    this.endTimeMs = Math.max(this.startTimeMs, endTimeMs ?? nowMs());
    if (this.sequence >= 0) this.recorder.end(this.sequence, this.endTimeMs, this.errorType);
    if (this.sequence >= 0) this.decide();
    this.ended = true;
    if (this.recording || this.kept) this.sink.ended(this);
  }

  /** A root's end shows whether it must be kept although it is outside the sample. */
  private decide(): void {
    const failed = this.status.code === 'error';
    const durationMs = this.endTimeMs - this.startTimeMs;
    const reason = this.retroactive.reasonFor(this.site, this.initial['pipeline'], durationMs, failed, this.mark);
    if (reason === undefined || this.recording) return;
    this.kept = true;
    this.set('sabot.sampled.reason', reason);
    this.links = dedupeLinks(this.links);
    this.retroactive.kept[reason]++;
  }
}

/** The two words of a new span id; never both 0, which would be invalid. */
export function newSpanWords(): readonly [number, number] {
  return [randomWord() || 1, randomWord()];
}
