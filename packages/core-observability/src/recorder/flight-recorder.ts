import type { SpanKindName } from '../catalogue/catalogue.js';
import { type TraceIdentity, wordToHex } from '../tracing/span-identity.js';
import type { Attributes, AttributeValue, ScopeIdentity, SpanRecord } from '../tracing/span-record.js';

/** One declared span, as the recorder knows it. */
export interface SpanSite {
  readonly scope: ScopeIdentity;
  readonly name: string;
  readonly kind: SpanKindName;
}

export interface FlightRecorderOptions {
  /** How many batch spans are kept; default 1024 (64 kB and the attributes). */
  readonly capacity?: number;
}

type GivenAttributes = Readonly<Record<string, AttributeValue | undefined>>;

/** Attributes added to one span after its start. */
const MAX_ADDED = 16;

// A record is one cache line of 64 bytes: two floats (start, end), then words. A batch has just swept the caches with its
// columns, so that every further line would cost more than all the arithmetic here.
const FLOATS = 8;
const WORDS = 16;
const START = 0;
const END = 1;
const TRACE = 4;
const SPAN = 8;
const PARENT = 10;
const SITE = 12;
const STATUS = 13;
const ADDED = 14;

const RUNNING = 0;
const ENDED = 1;
const FAILED = 2;

/**
 * The last batch spans of this thread, kept always: ids, times and outcome in one typed array, attributes as the objects
 * that the spans were started with. Reading it back (`spans`) is for crashes and for people; it allocates.
 */
export class FlightRecorder {
  readonly capacity: number;
  private readonly floats: Float64Array;
  private readonly words: Uint32Array;
  private readonly attributes: (GivenAttributes | undefined)[];
  /** Names and values in turn, of attributes set after the start; valid where the record says so. */
  private readonly added: (string | AttributeValue)[][];
  private readonly errorTypes: string[];
  private readonly sites: SpanSite[] = [];
  private begun = 0;

  constructor(options: FlightRecorderOptions = {}) {
    const capacity = options.capacity ?? 1024;
    this.capacity = capacity;
    this.floats = new Float64Array(capacity * FLOATS);
    this.words = new Uint32Array(this.floats.buffer);
    this.attributes = new Array(capacity);
    this.added = new Array(capacity);
    this.errorTypes = new Array(capacity);
  }

  /** How many batch spans were begun since the start, kept or overwritten. */
  get total(): number {
    return this.begun;
  }

  /** The number by which `begin` knows a declared span; made once per span declaration. */
  site(site: SpanSite): number {
    return this.sites.push(site) - 1;
  }

  /** Notes that a batch span began; the result is handed to `set` and `end`. */
  begin(
    siteId: number,
    trace: TraceIdentity,
    spanHigh: number,
    spanLow: number,
    startMs: number,
    attributes: GivenAttributes,
  ): number {
    const sequence = this.begun++;
    const slot = sequence % this.capacity;
    const { words } = this;
    const at = slot * WORDS;
    this.floats[slot * FLOATS + START] = startMs;
    words[at + TRACE] = trace.word0;
    words[at + TRACE + 1] = trace.word1;
    words[at + TRACE + 2] = trace.word2;
    words[at + TRACE + 3] = trace.word3;
    words[at + SPAN] = spanHigh;
    words[at + SPAN + 1] = spanLow;
    words[at + PARENT] = 0;
    words[at + PARENT + 1] = 0;
    words[at + SITE] = siteId;
    words[at + STATUS] = RUNNING;
    words[at + ADDED] = 0;
    this.attributes[slot] = attributes;
    return sequence;
  }

  /** Notes the span that a begun one continues from, as two words. */
  parent(sequence: number, high: number, low: number): void {
    const at = (sequence % this.capacity) * WORDS;
    this.words[at + PARENT] = high;
    this.words[at + PARENT + 1] = low;
  }

  /** Adds an attribute to a begun span; the seventeenth and later ones are not kept. */
  set(sequence: number, name: string, value: AttributeValue): void {
    if (sequence < this.begun - this.capacity) return;
    const slot = sequence % this.capacity;
    const at = slot * WORDS + ADDED;
    const count = this.words[at] as number;
    if (count === MAX_ADDED) return;
    if (count === 0) this.added[slot] = [name, value];
    else this.added[slot]?.push(name, value);
    this.words[at] = count + 1;
  }

  /** Notes that a begun span ended; does nothing when the ring has gone round since. */
  end(sequence: number, endMs: number, errorType: string | undefined): void {
    if (sequence < this.begun - this.capacity) return;
    const slot = sequence % this.capacity;
    this.floats[slot * FLOATS + END] = endMs;
    this.words[slot * WORDS + STATUS] = errorType === undefined ? ENDED : FAILED;
    if (errorType !== undefined) this.errorTypes[slot] = errorType;
  }

  /** The kept spans, oldest first; one still running ends at `nowMs` and says so in `sabot.flight.unfinished`. */
  spans(nowMs: number): readonly SpanRecord[] {
    const spans: SpanRecord[] = [];
    for (let sequence = Math.max(0, this.begun - this.capacity); sequence < this.begun; sequence++) {
      spans.push(this.read(sequence % this.capacity, nowMs));
    }
    return spans;
  }

  private read(slot: number, nowMs: number): SpanRecord {
    const word = (index: number) => this.words[slot * WORDS + index] as number;
    const hex = (index: number) => wordToHex(word(index));
    const parent = hex(PARENT) + hex(PARENT + 1);
    const failed = word(STATUS) === FAILED;
    const running = word(STATUS) === RUNNING;
    const errorType = this.errorTypes[slot] ?? '';
    return {
      ...(this.sites[word(SITE)] as SpanSite),
      traceId: hex(TRACE) + hex(TRACE + 1) + hex(TRACE + 2) + hex(TRACE + 3),
      spanId: hex(SPAN) + hex(SPAN + 1),
      parentSpanId: parent === '0000000000000000' ? undefined : parent,
      traceFlags: 0,
      traceState: undefined,
      startTimeMs: this.floats[slot * FLOATS + START] as number,
      endTimeMs: running ? nowMs : (this.floats[slot * FLOATS + END] as number),
      attributes: {
        ...this.attributesAt(slot, word(ADDED)),
        ...(running ? { 'sabot.flight.unfinished': true } : {}),
        ...(failed ? { 'error.type': errorType } : {}),
      },
      events: [],
      droppedEvents: 0,
      links: [],
      status: failed ? { code: 'error', message: errorType } : { code: 'unset' },
    };
  }

  private attributesAt(slot: number, addedCount: number): Attributes {
    const attributes: Record<string, AttributeValue> = {};
    for (const [name, value] of Object.entries(this.attributes[slot] ?? {})) {
      if (value !== undefined) attributes[name] = value;
    }
    const added = this.added[slot] ?? [];
    for (let at = 0; at < addedCount * 2; at += 2) attributes[added[at] as string] = added[at + 1] as AttributeValue;
    return attributes;
  }
}
