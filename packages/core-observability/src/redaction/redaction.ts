import type { TelemetryCatalogue } from '../catalogue/catalogue.js';
import type { LogRecord } from '../logging/log-record.js';
import type { Attributes, AttributeValue, SpanRecord } from '../tracing/span-record.js';
import { namesSecret, REDACTED, withoutSecrets } from './secret-text.js';

/** What may leave the process beside Sabot's own rules, which always hold. */
export interface RedactionOptions {
  /**
   * Names of your own attributes that are kept, `order.*` for all that begin so; others are left out and counted.
   * Default: all are kept. Attributes that Sabot's packages declare need not be listed.
   */
  readonly allowedAttributes?: readonly string[];
  /**
   * Sees each text that leaves the process after Sabot's own rules, with the attribute's name (`name`, `status` and `message` for
   * the texts that are no attributes), and gives what is kept. Undefined, or a hook that throws: `[redacted]`.
   */
  readonly redact?: (text: string, name: string) => string | undefined;
}

/** Names of the semantic conventions that Sabot sets beside the declared ones. */
const ALWAYS_ALLOWED = /^(?:sabot|exception|error|otel|service|telemetry|process|host)\./;
/** Names are few; whoever makes them up per call must not fill the memory. */
const MAX_KNOWN_NAMES = 4096;

type NameRule = 'keep' | 'remove' | 'secret';

/** Takes secrets out of what exporters, the store, logs and dumps get; off the hot path, once for all of them. */
export class Redaction {
  /** Attributes left out because their names are not allowed. */
  removedAttributes = 0;
  /** Texts that were changed. */
  redactedTexts = 0;
  private readonly hook: RedactionOptions['redact'];
  private readonly allowed: readonly string[] | undefined;
  private readonly declared = new Set<string>();
  private readonly nameRules = new Map<string, NameRule>();

  constructor({ allowedAttributes, redact }: RedactionOptions = {}) {
    this.hook = redact;
    this.allowed = allowedAttributes;
  }

  /** The attributes of a package's catalogue are Sabot's, not the user's. */
  declare({ attributes }: TelemetryCatalogue): void {
    for (const name of Object.keys(attributes)) this.declared.add(name);
    this.nameRules.clear();
  }

  /** A text as it may leave the process. */
  text(text: string, name: string): string {
    const clean = this.hooked(withoutSecrets(text), name);
    if (clean !== text) this.redactedTexts++;
    return clean;
  }

  /** Attributes as they may leave the process; the same object when nothing had to change. */
  attributes(given: Readonly<Record<string, AttributeValue | undefined>>): Attributes {
    let changed = false;
    const clean: Record<string, AttributeValue> = {};
    for (const name in given) {
      const value = given[name];
      const kept = value === undefined ? undefined : this.value(name, value);
      if (kept !== undefined) clean[name] = kept;
      if (kept !== value || value === undefined) changed = true;
    }
    // Without a change nothing was undefined: what was given already is what is asked for.
    return changed ? clean : (given as Attributes);
  }

  /** A finished span, read once for all outlets. */
  span(span: SpanRecord): SpanRecord {
    const { status } = span;
    return {
      scope: span.scope,
      name: this.text(span.name, 'name'),
      kind: span.kind,
      traceId: span.traceId,
      spanId: span.spanId,
      parentSpanId: span.parentSpanId,
      traceFlags: span.traceFlags,
      traceState: span.traceState,
      startTimeMs: span.startTimeMs,
      endTimeMs: span.endTimeMs,
      attributes: this.attributes(span.attributes),
      events: span.events.map((event) => ({ ...event, attributes: this.attributes(event.attributes) })),
      droppedEvents: span.droppedEvents,
      links: span.links,
      status: status.message === undefined ? status : { ...status, message: this.text(status.message, 'status') },
    };
  }

  log(record: LogRecord): LogRecord {
    return {
      ...record,
      message: this.text(record.message, 'message'),
      attributes: this.attributes(record.attributes),
    };
  }

  private value(name: string, value: AttributeValue): AttributeValue | undefined {
    const rule = this.nameRules.get(name) ?? this.ruleFor(name);
    if (rule === 'remove') {
      this.removedAttributes++;
      return undefined;
    }
    // Whether there is a secret is none.
    if (rule === 'secret' && typeof value !== 'boolean') {
      this.redactedTexts++;
      return REDACTED;
    }
    return typeof value === 'string' ? this.text(value, name) : value;
  }

  private ruleFor(name: string): NameRule {
    const rule = !this.isAllowed(name) ? 'remove' : namesSecret(name) ? 'secret' : 'keep';
    if (this.nameRules.size < MAX_KNOWN_NAMES) this.nameRules.set(name, rule);
    return rule;
  }

  private isAllowed(name: string): boolean {
    if (this.allowed === undefined || this.declared.has(name) || ALWAYS_ALLOWED.test(name)) return true;
    return this.allowed.some((each) => (each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : name === each));
  }

  private hooked(text: string, name: string): string {
    if (this.hook === undefined) return text;
    try {
      return this.hook(text, name) ?? REDACTED;
    } catch {
      // A hook that fails has not said that the text is harmless.
      return REDACTED;
    }
  }
}
