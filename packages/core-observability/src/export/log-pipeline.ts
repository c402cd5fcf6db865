import type { LogRecord } from '../logging/log-record.js';
import type { Outlet } from './outlet.js';

const DELAY_MS = 200;
/** More entries than this within the delay are a flood: the rest is counted as lost. */
const MAX_PENDING = 8192;

/** Collects log entries for a moment and hands them to every outlet that takes logs. */
export class LogPipeline {
  private readonly outlets: readonly Outlet[];
  private pending: LogRecord[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(outlets: readonly Outlet[]) {
    this.outlets = outlets.filter((outlet) => outlet.acceptLogs !== undefined);
  }

  readonly logged = (record: LogRecord): void => {
    if (this.pending.length >= MAX_PENDING) {
      for (const { ledger } of this.outlets) {
        ledger.accepted.logs++;
        ledger.lose('logs', 1, 'queue_full');
      }
      return;
    }
    this.pending.push(record);
    this.timer ??= setTimeout(() => this.drain(), DELAY_MS).unref();
  };

  drain(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { pending } = this;
    if (pending.length === 0) return;
    this.pending = [];
    for (const outlet of this.outlets) outlet.acceptLogs?.(pending);
  }
}
