import type { Redaction } from '../redaction/redaction.js';
import type { SpanRecord, SpanSink } from '../tracing/span-record.js';
import type { Outlet } from './outlet.js';

const FLUSH_INTERVAL_MS = 1000;
/** From here on the outlets are fed at the next turn of the event loop instead of the next second. */
const EARLY_DRAIN = 2048;
/** More than this can only wait when the event loop is blocked; the rest is counted as lost. */
const MAX_PENDING = 65_536;

/** Collects finished spans off the hot path and hands them, without secrets, to every outlet. */
export class SpanPipeline implements SpanSink {
  /** Spans that were finished and kept. */
  made = 0;
  private readonly outlets: readonly Outlet[];
  private readonly redaction: Redaction;
  private pending: SpanRecord[] = [];
  private readonly timer: NodeJS.Timeout;
  private drainScheduled = false;

  constructor(outlets: readonly Outlet[], redaction: Redaction) {
    this.outlets = outlets;
    this.redaction = redaction;
    this.timer = setInterval(() => this.drain(), FLUSH_INTERVAL_MS);
    this.timer.unref();
  }

  ended(span: SpanRecord): void {
    this.made++;
    const waiting = this.pending.length;
    if (waiting >= MAX_PENDING) {
      for (const { ledger } of this.outlets) {
        ledger.accepted.spans++;
        ledger.lose('spans', 1, 'queue_full');
      }
      return;
    }
    this.pending.push(span);
    if (waiting >= EARLY_DRAIN && !this.drainScheduled) {
      this.drainScheduled = true;
      setImmediate(() => this.drain());
    }
  }

  /** Hands everything finished to the outlets now. */
  drain(): void {
    this.drainScheduled = false;
    const { pending } = this;
    if (pending.length === 0) return;
    this.pending = [];
    if (this.outlets.length === 0) return;
    const clean = pending.map((span) => this.redaction.span(span));
    for (const outlet of this.outlets) outlet.acceptSpans(clean);
  }

  stop(): void {
    clearInterval(this.timer);
    this.drain();
  }
}
