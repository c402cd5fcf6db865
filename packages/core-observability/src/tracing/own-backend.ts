import type { SpanHandle, SpanStartOptions } from '../observability.js';
import type { FlightRecorder, SpanSite } from '../recorder/flight-recorder.js';
import { nowMs } from './clock.js';
import { anySampled, dedupeLinks } from './links.js';
import { PassiveChild } from './passive-span.js';
import { RecordedSpan, type SpanSurroundings } from './recorded-span.js';
import { RetroactiveSampling } from './retroactive-sampling.js';
import type { RootSampler } from './sampling.js';
import type { Activation, BoundSite, SpanBackend, StartAttributes } from './span-backend.js';
import { TraceIdentity } from './span-identity.js';
import type { SpanSink } from './span-record.js';

export interface OwnSpanBackendOptions {
  readonly sampler: RootSampler;
  readonly sink: SpanSink;
  readonly recorder: FlightRecorder;
  readonly activation: Activation;
  /** Counts what it kept, for whoever publishes it. */
  readonly retroactive?: RetroactiveSampling;
  /** False: the sampled flag of a parent from elsewhere is ignored and its trace id decides by ratio. Default true. */
  readonly trustParentSampling?: boolean;
}

const always = () => true;

/**
 * Spans made by Sabot itself: a tenth of the SDK's cost when kept, and a store into the flight recorder when not.
 * Parent-based: a parent's decision stands; a root is kept by ratio, or because a producer it links to was.
 */
export function createOwnSpanBackend(options: OwnSpanBackendOptions): SpanBackend {
  return new OwnSpanBackend(options);
}

class OwnSpanBackend implements SpanBackend {
  readonly activation: Activation;
  private readonly sampler: RootSampler;
  private readonly recorder: FlightRecorder;
  private readonly surroundings: SpanSurroundings;
  private readonly trustParent: boolean;

  constructor(options: OwnSpanBackendOptions) {
    this.activation = options.activation;
    this.sampler = options.sampler;
    const { sink, recorder, retroactive = new RetroactiveSampling() } = options;
    this.recorder = recorder;
    this.surroundings = { sink, recorder, retroactive };
    this.trustParent = options.trustParentSampling ?? true;
  }

  bind(site: SpanSite): BoundSite {
    return { ...site, siteId: this.recorder.site(site) };
  }

  start(site: BoundSite, attributes: StartAttributes, options: SpanStartOptions | undefined): SpanHandle {
    const parent = options?.parent === undefined ? this.activation.active() : options.parent;
    if (parent instanceof RecordedSpan) {
      return parent.recording ? this.child(site, attributes, parent, options) : new PassiveChild(parent);
    }
    if (parent instanceof PassiveChild) return parent;
    if (parent === undefined || parent === null) {
      const sampler = anySampled(options?.links) ? always : this.sampler;
      return this.root(site, attributes, TraceIdentity.create(sampler), undefined, options);
    }
    const context = 'context' in parent ? parent.context : parent;
    const trace = TraceIdentity.of(context, this.trustParent ? undefined : this.sampler);
    return this.root(site, attributes, trace, context.spanId, options);
  }

  private child(
    site: BoundSite,
    attributes: StartAttributes,
    parent: RecordedSpan,
    options: SpanStartOptions | undefined,
  ): SpanHandle {
    const links = options?.links === undefined ? undefined : dedupeLinks(options.links);
    const startTimeMs = options?.startTimeMs ?? nowMs();
    return new RecordedSpan(this.surroundings, site, attributes, parent.trace, parent, links, startTimeMs, false);
  }

  private root(
    site: BoundSite,
    attributes: StartAttributes,
    trace: TraceIdentity,
    parentSpanId: string | undefined,
    options: SpanStartOptions | undefined,
  ): SpanHandle {
    // Links of a root outside the sample are only looked at when its end shows that it is kept.
    const links = trace.sampled && options?.links !== undefined ? dedupeLinks(options.links) : options?.links;
    const startTimeMs = options?.startTimeMs ?? nowMs();
    return new RecordedSpan(this.surroundings, site, attributes, trace, parentSpanId, links, startTimeMs, true);
  }
}
