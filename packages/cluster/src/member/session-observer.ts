interface Observed {
  revision: number;
  changedAtMs: number;
}

/** A session that has not moved for the timeout. */
export interface ExpiredSession {
  readonly worker: string;
  readonly revision: number;
  readonly silentMs: number;
}

/**
 * Decides which sessions are dead, on this worker's own monotonic clock.
 *
 * Freeze rule: an own heartbeat that came back through the own watch proves that writing and watching both work. Whoever
 * has not had that proof for `freezeAfterMs` expires nobody, and when it comes again every other session gets a full
 * timeout anew: silence heard while deaf means nothing.
 */
export class SessionObserver {
  frozenTimes = 0;
  private readonly observed = new Map<string, Observed>();
  private readonly sessionTimeoutMs: number;
  private readonly freezeAfterMs: number;
  private provenAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: { readonly sessionTimeoutMs: number; readonly freezeAfterMs: number }) {
    this.sessionTimeoutMs = options.sessionTimeoutMs;
    this.freezeAfterMs = options.freezeAfterMs;
  }

  /** The watch has shown this revision of a member. */
  seen(worker: string, revision: number, nowMs: number): void {
    this.observed.set(worker, { revision, changedAtMs: nowMs });
  }

  gone(worker: string): void {
    this.observed.delete(worker);
  }

  /** The own heartbeat came back through the own watch. */
  proven(nowMs: number): void {
    if (this.isFrozen(nowMs)) {
      if (this.provenAtMs !== Number.NEGATIVE_INFINITY) this.frozenTimes++;
      for (const member of this.observed.values()) member.changedAtMs = nowMs;
    }
    this.provenAtMs = nowMs;
  }

  isFrozen(nowMs: number): boolean {
    return nowMs - this.provenAtMs > this.freezeAfterMs;
  }

  expired(nowMs: number, self: string): readonly ExpiredSession[] {
    if (this.isFrozen(nowMs)) return [];
    const dead: ExpiredSession[] = [];
    for (const [worker, { revision, changedAtMs }] of this.observed) {
      // Up to the last proof only: what was not heard since then may be on its way.
      const silentMs = this.provenAtMs - changedAtMs;
      if (worker !== self && silentMs > this.sessionTimeoutMs) dead.push({ worker, revision, silentMs });
    }
    return dead;
  }
}
