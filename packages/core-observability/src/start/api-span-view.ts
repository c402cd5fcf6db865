import {
  type Attributes as ApiAttributes,
  type Exception,
  type Link,
  type Span,
  type SpanContext,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
} from '@opentelemetry/api';
import type { SpanHandle } from '../observability.js';
import { fromApiContext, toApiContext } from '../tracing/api-context.js';
import { RecordedSpan } from '../tracing/recorded-span.js';
import type { Attributes, AttributeValue } from '../tracing/span-record.js';

/** A span of Sabot as OpenTelemetry's API sees it, so that users' code can reach it as the active span. */
export class ApiSpanView implements Span {
  readonly handle: SpanHandle;

  constructor(handle: SpanHandle) {
    this.handle = handle;
  }

  spanContext(): SpanContext {
    return { ...toApiContext(this.handle.context), isRemote: false };
  }

  setAttribute(name: string, value: unknown): this {
    const plain = plainValue(value);
    if (plain !== undefined) this.handle.set(name, plain);
    return this;
  }

  setAttributes(attributes: ApiAttributes): this {
    for (const [name, value] of Object.entries(attributes)) this.setAttribute(name, value);
    return this;
  }

  addEvent(name: string, attributes?: ApiAttributes | TimeInput): this {
    const isAttributes = typeof attributes === 'object' && !Array.isArray(attributes) && !(attributes instanceof Date);
    this.handle.event(name, isAttributes ? plainAttributes(attributes as ApiAttributes) : {});
    return this;
  }

  addLink(link: Link): this {
    return this.addLinks([link]);
  }

  addLinks(links: Link[]): this {
    if (this.handle instanceof RecordedSpan) this.handle.addLinks(links.map((link) => fromApiContext(link.context)));
    return this;
  }

  setStatus(status: SpanStatus): this {
    if (status.code === SpanStatusCode.ERROR && this.handle instanceof RecordedSpan) {
      this.handle.fail(status.message ?? '');
    }
    return this;
  }

  updateName(name: string): this {
    if (this.handle instanceof RecordedSpan) this.handle.rename(name);
    return this;
  }

  end(): void {
    // Whoever started the span ends it; code that merely runs inside it must not.
  }

  isRecording(): boolean {
    return this.handle.recording;
  }

  recordException(exception: Exception): void {
    this.handle.recordFailure(exception);
  }
}

/** Attributes of OpenTelemetry as Sabot's. */
export function plainAttributes(attributes: ApiAttributes): Attributes {
  const plain: Record<string, AttributeValue> = {};
  for (const [name, value] of Object.entries(attributes)) {
    const each = plainValue(value);
    if (each !== undefined) plain[name] = each;
  }
  return plain;
}

/** Sabot's attributes are scalars; an array of OpenTelemetry becomes its JSON text. */
export function plainValue(value: unknown): AttributeValue | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}
