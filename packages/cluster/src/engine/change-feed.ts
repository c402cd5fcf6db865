import type { CoordinationChange, CoordinationEntry } from './engine.js';

interface Watcher {
  readonly prefix: string;
  /** Latest change per key not yet taken, oldest revision first: bounded by the number of keys. */
  readonly pending: Map<string, CoordinationChange>;
  wake: () => void;
  ended: boolean;
}

/**
 * Hands changes to watchers in revision order.
 *
 * A watcher that is slower than the writers sees only the latest value of a key that changed several times meanwhile;
 * it never misses the last one, and what waits for it never exceeds one change per key.
 */
export class ChangeFeed {
  private readonly watchers = new Set<Watcher>();

  publish(change: CoordinationChange): void {
    for (const watcher of this.watchers) {
      if (!change.key.startsWith(watcher.prefix)) continue;
      // Removed first, so that the key moves to the end and revisions stay in order.
      watcher.pending.delete(change.key);
      watcher.pending.set(change.key, change);
      watcher.wake();
    }
  }

  /** Current entries first, then changes. Registered before it returns, so nothing falls between the two. */
  watch(prefix: string, current: readonly CoordinationEntry[], signal: AbortSignal): AsyncIterable<CoordinationChange> {
    const ordered = [...current].sort((a, b) => a.revision - b.revision);
    const watcher: Watcher = {
      prefix,
      pending: new Map(ordered.map((e) => [e.key, e])),
      wake: () => undefined,
      ended: false,
    };
    if (!signal.aborted) this.watchers.add(watcher);
    return { [Symbol.asyncIterator]: () => this.drain(watcher, signal) };
  }

  /** Ends every watch: the engine was closed. */
  close(): void {
    for (const watcher of this.watchers) {
      watcher.ended = true;
      watcher.wake();
    }
    this.watchers.clear();
  }

  private async *drain(watcher: Watcher, signal: AbortSignal): AsyncGenerator<CoordinationChange> {
    const wake = (): void => watcher.wake();
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted && !watcher.ended) {
        const next = takeFirst(watcher.pending);
        if (next !== undefined) yield next;
        else
          await new Promise<void>((resolve) => {
            watcher.wake = resolve;
          });
      }
    } finally {
      signal.removeEventListener('abort', wake);
      this.watchers.delete(watcher);
    }
  }
}

function takeFirst(pending: Map<string, CoordinationChange>): CoordinationChange | undefined {
  for (const [key, change] of pending) {
    pending.delete(key);
    return change;
  }
  return undefined;
}
