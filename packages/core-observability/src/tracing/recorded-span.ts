import type { SpanKindName } from '../catalogue/catalogue.js';
import type { KeepReason, SpanHandle } from '../observability.js';
import type { FlightRecorder } from '../recorder/flight-recorder.js';
import { nowMs } from './clock.js';
import { describeFailure } from './failure.js';
import { dedupeLinks } from './links.js';
import type { RetroactiveSampling } from './retroactive-sampling.js';
import type { BoundSite, StartAttributes } from './span-backend.js';
import { hexToWord, randomWord, type TraceIdentity, wordToHex } from './span-identity.js';
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
const unset: SpanStatus = { code: 'unset' };

/** What all spans of one backend share. */
export interface SpanSurroundings {
  readonly sink: SpanSink;
  readonly recorder: FlightRecorder;
  readonly retroactive: RetroactiveSampling;
}

/** What most spans never have. */
class SpanDetails {
  events: SpanEvent[] | undefined;
  droppedEvents = 0;
  errorType: string | undefined;
  renamed: string | undefined;
  mark: KeepReason | undefined;
}

/**
 * A span that is kept, or may be: the handle while it runs, and the record when it has ended. A root outside the sample is
 * one too, so that it is whole if its end shows that it must be kept. Few fields and few allocations: there is one per batch.
 */
export class RecordedSpan implements SpanHandle, SpanRecord {
  readonly recording: boolean;
  readonly trace: TraceIdentity;
  readonly startTimeMs: number;
  endTimeMs: number;
  links: readonly TraceContext[];
  status: SpanStatus = unset;
  private readonly surroundings: SpanSurroundings;
  private readonly site: BoundSite;
  private readonly initial: StartAttributes;
  private readonly parent: RecordedSpan | string | undefined;
  private readonly spanHigh: number;
  private readonly spanLow: number;
  /** The flight recorder's number of this span; -1 when it is not a batch root. */
  private readonly sequence: number;
  /** Names and values in turn, of attributes set after the start. */
  private added: (string | AttributeValue)[] | undefined;
  private details: SpanDetails | undefined;
  private identity: TraceContext | undefined;
  private ended = false;

  /** `parent`: a span of this process, or the id of one elsewhere. `isRoot`: the flight recorder knows it. */
  constructor(
    surroundings: SpanSurroundings,
    site: BoundSite,
    attributes: StartAttributes,
    trace: TraceIdentity,
    parent: RecordedSpan | string | undefined,
    links: readonly TraceContext[] | undefined,
    startTimeMs: number,
    isRoot: boolean,
  ) {
    this.surroundings = surroundings;
    this.site = site;
    this.initial = attributes;
    this.trace = trace;
    this.recording = trace.sampled;
    this.parent = parent;
    this.links = links ?? noLinks;
    this.startTimeMs = startTimeMs;
    this.endTimeMs = startTimeMs;
    // A span id of zeros would be invalid.
    this.spanHigh = randomWord() || 1;
    this.spanLow = randomWord();
    this.sequence = isRoot
      ? surroundings.recorder.begin(site.siteId, trace, this.spanHigh, this.spanLow, startTimeMs, attributes)
      : -1;
    if (isRoot && typeof parent === 'string') {
      surroundings.recorder.parent(this.sequence, hexToWord(parent, 0), hexToWord(parent, 8));
    }
  }

  get context(): TraceContext {
    if (this.identity === undefined) {
      const { traceId, traceState } = this.trace;
      const spanId = wordToHex(this.spanHigh) + wordToHex(this.spanLow);
      const traceFlags = this.recording ? 1 : 0;
      this.identity =
        traceState === undefined ? { traceId, spanId, traceFlags } : { traceId, spanId, traceFlags, traceState };
    }
    return this.identity;
  }

  get scope(): ScopeIdentity {
    return this.site.scope;
  }
  get name(): string {
    return this.details?.renamed ?? this.site.name;
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
  get parentSpanId(): string | undefined {
    return typeof this.parent === 'object' ? this.parent.spanId : this.parent;
  }
  /** Of the record: what is exported was kept, whatever the flag said while it ran. */
  get traceFlags(): number {
    return 1;
  }
  get traceState(): string | undefined {
    return this.trace.traceState;
  }
  get events(): readonly SpanEvent[] {
    return this.details?.events ?? noEvents;
  }
  get droppedEvents(): number {
    return this.details?.droppedEvents ?? 0;
  }

  get attributes(): Attributes {
    const merged: Record<string, AttributeValue> = {};
    for (const name in this.initial) {
      const value = this.initial[name];
      if (value !== undefined) merged[name] = value;
    }
    const added = this.added ?? [];
    for (let at = 0; at < added.length; at += 2) merged[added[at] as string] = added[at + 1] as AttributeValue;
    return merged;
  }

  set(name: string, value: AttributeValue): void {
    if (this.ended) return;
    if (this.added === undefined) this.added = [name, value];
    else this.added.push(name, value);
    if (this.sequence >= 0) this.surroundings.recorder.set(this.sequence, name, value);
  }

  event(name: string, attributes: Attributes = {}): void {
    if (this.ended) return;
    const details = this.detailed();
    details.events ??= [];
    if (details.events.length >= MAX_EVENTS) details.droppedEvents++;
    else details.events.push({ name, timeMs: nowMs(), attributes });
  }

  recordFailure(error: unknown): void {
    if (this.ended) return;
    const facts = describeFailure(error);
    this.detailed().errorType = facts.type;
    this.status = { code: 'error', message: facts.message };
    this.set('error.type', facts.type);
    this.event('exception', facts.event);
  }

  /** Status error with a message and without an exception. */
  fail(message: string): void {
    if (this.ended) return;
    // The conventions' value for an error that has no type.
    this.detailed().errorType ??= '_OTHER';
    this.status = { code: 'error', message };
  }

  rename(name: string): void {
    if (!this.ended) this.detailed().renamed = name;
  }

  addLinks(contexts: readonly TraceContext[]): void {
    if (!this.ended) this.links = dedupeLinks([...this.links, ...contexts]);
  }

  keep(reason: KeepReason): void {
    if (!this.ended) this.detailed().mark ??= reason;
  }

  end(endTimeMs?: number): void {
    if (this.ended) return;
    // A clock that was stepped back must not make a span end before it began.
    this.endTimeMs = Math.max(this.startTimeMs, endTimeMs ?? nowMs());
    const { recorder, sink } = this.surroundings;
    if (this.sequence >= 0) recorder.end(this.sequence, this.endTimeMs, this.details?.errorType);
    const kept = this.sequence >= 0 ? this.keptAtEnd() : this.recording;
    this.ended = true;
    if (kept) sink.ended(this);
  }

  /** A root's end shows whether it must be kept although it is outside the sample. */
  private keptAtEnd(): boolean {
    const { retroactive } = this.surroundings;
    const failed = this.status.code === 'error';
    const durationMs = this.endTimeMs - this.startTimeMs;
    const reason = retroactive.reasonFor(
      this.site.name,
      this.initial['pipeline'],
      durationMs,
      failed,
      this.details?.mark,
    );
    if (this.recording || reason === undefined) return this.recording;
    this.set('sabot.sampled.reason', reason);
    this.links = dedupeLinks(this.links);
    retroactive.kept[reason]++;
    return true;
  }

  private detailed(): SpanDetails {
    this.details ??= new SpanDetails();
    return this.details;
  }
}
