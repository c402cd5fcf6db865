import type { SpanHandle, SpanStartOptions } from '../observability.js';
import type { SpanSite } from '../recorder/flight-recorder.js';
import type { AttributeValue } from './span-record.js';
import type { TraceContext } from './trace-context.js';

/** A declared span with what a backend prepared for it once. */
export interface BoundSite extends SpanSite {
  /** The flight recorder's number of this span. */
  readonly siteId: number;
}

export type StartAttributes = Readonly<Record<string, AttributeValue | undefined>>;

/** Where a span becomes the active one for the code that a function runs. */
export interface Activation {
  active(): SpanHandle | TraceContext | undefined;
  run<R>(span: SpanHandle, fn: () => R): R;
}

/** Makes spans: through the application's OpenTelemetry, or Sabot's own. */
export interface SpanBackend {
  readonly activation: Activation;
  bind(site: SpanSite): BoundSite;
  start(site: BoundSite, attributes: StartAttributes, options: SpanStartOptions | undefined): SpanHandle;
}
