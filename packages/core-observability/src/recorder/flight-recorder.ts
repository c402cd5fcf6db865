import type { SpanKindName } from '../catalogue/catalogue.js';
import { type TraceIdentity, wordToHex } from '../tracing/span-identity.js';
import type { Attributes, AttributeValue, ScopeIdentity, SpanRecord } from '../tracing/span-record.js';
import { InternedStrings } from './interned-strings.js';

/** One declared span, as the recorder knows it. */
export interface SpanSite {
  readonly scope: ScopeIdentity;
  readonly name: string;
  readonly kind: SpanKindName;
}

export interface FlightRecorderOptions {
  /** How many batch spans are kept; default 1024 (about 200 kB). */
  readonly capacity?: number;
}

const MAX_ATTRIBUTES = 12;
const ID_WORDS = 6;
const NUMBER = 0;
const STRING = 1;
const BOOLEAN = 2;
const STATUS_RUNNING = 0;
const STATUS_OK = 1;
const STATUS_FAILED = 2;

/**
 * The last batch spans of this thread, kept always and in typed arrays: nothing survives a batch for the garbage
 * collector to copy. Reading it back (`spans`) is for crashes and for people; it allocates.
 */
export class FlightRecorder {
  readonly capacity: number;
  private readonly starts: Float64Array;
  private readonly ends: Float64Array;
  private readonly ids: Uint32Array;
  private readonly parents: Uint32Array;
  private readonly siteIds: Uint16Array;
  private readonly statuses: Uint8Array;
  private readonly errorTypes: Uint16Array;
  private readonly attributeKeys: Uint16Array;
  private readonly attributeTypes: Uint8Array;
  private readonly attributeValues: Float64Array;
  private readonly attributeCounts: Uint8Array;
  private readonly strings = new InternedStrings();
  private readonly sites: SpanSite[] = [];
  private begun = 0;

  constructor(options: FlightRecorderOptions = {}) {
    const capacity = options.capacity ?? 1024;
    this.capacity = capacity;
    this.starts = new Float64Array(capacity);
    this.ends = new Float64Array(capacity);
    this.ids = new Uint32Array(capacity * ID_WORDS);
    this.parents = new Uint32Array(capacity * 2);
    this.siteIds = new Uint16Array(capacity);
    this.statuses = new Uint8Array(capacity);
    this.errorTypes = new Uint16Array(capacity);
    this.attributeKeys = new Uint16Array(capacity * MAX_ATTRIBUTES);
    this.attributeTypes = new Uint8Array(capacity * MAX_ATTRIBUTES);
    this.attributeValues = new Float64Array(capacity * MAX_ATTRIBUTES);
    this.attributeCounts = new Uint8Array(capacity);
  }

  /** How many batch spans were begun since the start, kept or overwritten. */
  get total(): number {
    return this.begun;
  }

  /** The number by which `begin` knows a declared span; made once per span declaration. */
  site(site: SpanSite): number {
    return this.sites.push(site) - 1;
  }

  /** Notes that a batch span began; the result is handed to `end`. */
  begin(
    siteId: number,
    trace: TraceIdentity,
    spanHigh: number,
    spanLow: number,
    startMs: number,
    attributes: Readonly<Record<string, AttributeValue | undefined>>,
  ): number {
    const sequence = this.begun++;
    const slot = sequence % this.capacity;
    const id = slot * ID_WORDS;
    const { words } = trace;
    this.ids[id] = words[0];
    this.ids[id + 1] = words[1];
    this.ids[id + 2] = words[2];
    this.ids[id + 3] = words[3];
    this.ids[id + 4] = spanHigh;
    this.ids[id + 5] = spanLow;
    this.parents[slot * 2] = 0;
    this.parents[slot * 2 + 1] = 0;
    this.siteIds[slot] = siteId;
    this.starts[slot] = startMs;
    this.ends[slot] = 0;
    this.statuses[slot] = STATUS_RUNNING;
    this.attributeCounts[slot] = 0;
    for (const name in attributes) this.set(sequence, name, attributes[name]);
    return sequence;
  }

  /** Notes the span that a begun one continues from, as two words. */
  parent(sequence: number, high: number, low: number): void {
    const slot = sequence % this.capacity;
    this.parents[slot * 2] = high;
    this.parents[slot * 2 + 1] = low;
  }

  /** Adds an attribute to a begun span; the thirteenth and later ones are not kept. */
  set(sequence: number, name: string, value: AttributeValue | undefined): void {
    if (value === undefined || sequence < this.begun - this.capacity) return;
    const slot = sequence % this.capacity;
    const count = this.attributeCounts[slot] as number;
    if (count === MAX_ATTRIBUTES) return;
    const at = slot * MAX_ATTRIBUTES + count;
    this.attributeKeys[at] = this.strings.id(name);
    if (typeof value === 'number') {
      this.attributeTypes[at] = NUMBER;
      this.attributeValues[at] = value;
    } else if (typeof value === 'string') {
      this.attributeTypes[at] = STRING;
      this.attributeValues[at] = this.strings.id(value);
    } else {
      this.attributeTypes[at] = BOOLEAN;
      this.attributeValues[at] = value ? 1 : 0;
    }
    this.attributeCounts[slot] = count + 1;
  }

  /** Notes that a begun span ended; does nothing when the ring has gone round since. */
  end(sequence: number, endMs: number, errorType: string | undefined): void {
    if (sequence < this.begun - this.capacity) return;
    const slot = sequence % this.capacity;
    this.ends[slot] = endMs;
    if (errorType === undefined) {
      this.statuses[slot] = STATUS_OK;
    } else {
      this.statuses[slot] = STATUS_FAILED;
      this.errorTypes[slot] = this.strings.id(errorType);
    }
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
    const site = this.sites[this.siteIds[slot] as number] as SpanSite;
    const hex = (index: number) => wordToHex(this.ids[slot * ID_WORDS + index] as number);
    const parent = wordToHex(this.parents[slot * 2] as number) + wordToHex(this.parents[slot * 2 + 1] as number);
    const status = this.statuses[slot];
    const failed = status === STATUS_FAILED;
    const errorType = this.strings.text(this.errorTypes[slot] as number);
    return {
      ...site,
      traceId: hex(0) + hex(1) + hex(2) + hex(3),
      spanId: hex(4) + hex(5),
      parentSpanId: parent === '0000000000000000' ? undefined : parent,
      traceFlags: 0,
      traceState: undefined,
      startTimeMs: this.starts[slot] as number,
      endTimeMs: status === STATUS_RUNNING ? nowMs : (this.ends[slot] as number),
      attributes: {
        ...this.attributesAt(slot),
        ...(status === STATUS_RUNNING ? { 'sabot.flight.unfinished': true } : {}),
        ...(failed ? { 'error.type': errorType } : {}),
      },
      events: [],
      droppedEvents: 0,
      links: [],
      status: failed ? { code: 'error', message: errorType } : { code: 'unset' },
    };
  }

  private attributesAt(slot: number): Attributes {
    const attributes: Record<string, AttributeValue> = {};
    const count = this.attributeCounts[slot] as number;
    for (let at = slot * MAX_ATTRIBUTES; at < slot * MAX_ATTRIBUTES + count; at++) {
      const type = this.attributeTypes[at];
      const value = this.attributeValues[at] as number;
      attributes[this.strings.text(this.attributeKeys[at] as number)] =
        type === STRING ? this.strings.text(value) : type === BOOLEAN ? value === 1 : value;
    }
    return attributes;
  }
}
