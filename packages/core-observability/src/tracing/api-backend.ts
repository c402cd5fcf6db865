import {
  type Context,
  context as contextApi,
  type Link,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace as traceApi,
} from '@opentelemetry/api';
import type { SpanKindName } from '../catalogue/catalogue.js';
import type { KeepReason, SpanHandle, SpanStartOptions } from '../observability.js';
import type { FlightRecorder, SpanSite } from '../recorder/flight-recorder.js';
import { fromApiContext, toApiContext } from './api-context.js';
import { nowMs } from './clock.js';
import { describeFailure } from './failure.js';
import { dedupeLinks } from './links.js';
import { NO_TRACE, PassiveChild } from './passive-span.js';
import { RecorderSpan } from './recorder-span.js';
import { sdkRegistered } from './sdk-registered.js';
import type { Activation, BoundSite, SpanBackend, StartAttributes } from './span-backend.js';
import { hexToWord, randomWord, TraceIdentity } from './span-identity.js';
import type { Attributes, AttributeValue } from './span-record.js';
import type { TraceContext } from './trace-context.js';

const kinds: Readonly<Record<SpanKindName, SpanKind>> = {
  internal: SpanKind.INTERNAL,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
};
const INVALID_TRACE = '0'.repeat(32);
const never = () => false;

interface ApiSite extends BoundSite {
  readonly tracer: Tracer;
}

/** Spans made by whatever SDK the application registered, now or later; without one, only the flight recorder sees them. */
export function createApiSpanBackend(recorder: FlightRecorder): SpanBackend {
  const tracers = new Map<string, Tracer>();
  // Once there is an SDK there always is one: looking costs nothing from then on.
  let sdkSeen = false;
  const tracerOf = (site: SpanSite): Tracer => {
    const known = tracers.get(site.scope.name);
    if (known !== undefined) return known;
    // A proxy of the API: spans flow as soon as an application registers its SDK.
    const tracer = traceApi.getTracer(site.scope.name, site.scope.version);
    tracers.set(site.scope.name, tracer);
    return tracer;
  };
  return {
    activation: apiActivation,
    bind: (site): ApiSite => ({ ...site, siteId: recorder.site(site), tracer: tracerOf(site) }),
    start: (site, attributes, options) => {
      sdkSeen ||= sdkRegistered();
      // `bind` made the site: it has its tracer.
      if (sdkSeen) return startSpan(site as ApiSite, attributes, options, recorder);
      return startUnseen(site, attributes, options, recorder);
    },
  };
}

/** Without an SDK a batch is an entry of the flight recorder and nothing else. */
function startUnseen(
  site: BoundSite,
  attributes: StartAttributes,
  options: SpanStartOptions | undefined,
  recorder: FlightRecorder,
): SpanHandle {
  const parent = options?.parent;
  if (parent instanceof PassiveChild) return parent;
  if (parent instanceof RecorderSpan) return new PassiveChild(parent);
  const startTimeMs = options?.startTimeMs ?? nowMs();
  // The dump needs ids that tell spans apart, though nobody else sees them.
  const trace = TraceIdentity.create(never);
  const sequence = recorder.begin(site.siteId, trace, randomWord() || 1, randomWord(), startTimeMs, attributes);
  if (parent === undefined || parent === null) return new RecorderSpan(recorder, sequence, NO_TRACE);
  return new RecorderSpan(recorder, sequence, 'context' in parent ? parent.context : parent);
}

const apiActivation: Activation = {
  active: () => {
    const span = traceApi.getActiveSpan();
    return span === undefined ? undefined : fromApiContext(span.spanContext());
  },
  run: (span, fn) => {
    const apiSpan = span instanceof ApiSpanHandle ? span.span : traceApi.wrapSpanContext(toApiContext(span.context));
    return contextApi.with(traceApi.setSpan(contextApi.active(), apiSpan), fn);
  },
};

function startSpan(
  site: ApiSite,
  attributes: StartAttributes,
  options: SpanStartOptions | undefined,
  recorder: FlightRecorder,
): SpanHandle {
  const parent = options?.parent;
  const isRoot = parent === null || (parent === undefined && traceApi.getActiveSpan() === undefined);
  const startTimeMs = options?.startTimeMs ?? nowMs();
  const span = site.tracer.startSpan(
    site.name,
    {
      kind: kinds[site.kind],
      attributes,
      root: parent === null,
      startTime: startTimeMs,
      ...(options?.links === undefined ? {} : { links: linksOf(options.links) }),
    },
    contextOf(parent),
  );
  // A context handed in (not a handle) came over a wire: the span is the root of a batch in this process.
  const isBatchRoot = isRoot || (parent !== undefined && parent !== null && !('context' in parent));
  if (!isBatchRoot) return new ApiSpanHandle(span, recorder, -1);
  return new ApiSpanHandle(span, recorder, begin(site, span, attributes, startTimeMs, recorder));
}

function begin(
  site: BoundSite,
  span: Span,
  attributes: StartAttributes,
  startTimeMs: number,
  recorder: FlightRecorder,
): number {
  const context = span.spanContext();
  const { spanId } = context;
  const known = context.traceId !== INVALID_TRACE;
  // Without an SDK every span has the all-zero id; the recorder's dump needs ids that tell spans apart.
  const trace = known ? TraceIdentity.of(fromApiContext(context)) : TraceIdentity.create(never);
  const high = known ? hexToWord(spanId, 0) : randomWord();
  const low = known ? hexToWord(spanId, 8) : randomWord();
  return recorder.begin(site.siteId, trace, high, low, startTimeMs, attributes);
}

function contextOf(parent: SpanHandle | TraceContext | null | undefined): Context {
  const active = contextApi.active();
  if (parent === undefined || parent === null) return active;
  if (parent instanceof ApiSpanHandle) return traceApi.setSpan(active, parent.span);
  return traceApi.setSpanContext(active, toApiContext('context' in parent ? parent.context : parent));
}

function linksOf(contexts: readonly TraceContext[]): Link[] {
  return dedupeLinks(contexts).map((context) => ({ context: toApiContext(context) }));
}

class ApiSpanHandle implements SpanHandle {
  readonly span: Span;
  readonly recording: boolean;
  private readonly recorder: FlightRecorder;
  private readonly sequence: number;
  private errorType: string | undefined;
  private ended = false;

  constructor(span: Span, recorder: FlightRecorder, sequence: number) {
    this.span = span;
    this.recording = span.isRecording();
    this.recorder = recorder;
    this.sequence = sequence;
  }

  get context(): TraceContext {
    return fromApiContext(this.span.spanContext());
  }

  set(name: string, value: AttributeValue): void {
    if (this.ended) return;
    this.span.setAttribute(name, value);
    if (this.sequence >= 0) this.recorder.set(this.sequence, name, value);
  }

  event(name: string, attributes: Attributes = {}): void {
    if (!this.ended) this.span.addEvent(name, attributes, nowMs());
  }

  recordFailure(error: unknown): void {
    if (this.ended) return;
    const facts = describeFailure(error);
    this.errorType = facts.type;
    this.span.setStatus({ code: SpanStatusCode.ERROR, message: facts.message });
    this.set('error.type', facts.type);
    this.event('exception', facts.event);
  }

  keep(reason: KeepReason): void {
    // The application's sampler has decided already; what it keeps says why it would have been kept.
    this.set('sabot.sampled.reason', reason);
  }

  end(endTimeMs?: number): void {
    if (this.ended) return;
    this.ended = true;
    const time = endTimeMs ?? nowMs();
    this.span.end(time);
    if (this.sequence >= 0) this.recorder.end(this.sequence, time, this.errorType);
  }
}
