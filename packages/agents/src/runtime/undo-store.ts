import type { ScanRange, StateSnapshot, StateSnapshotBytes, StateStore } from '@sabot/state';

interface Undo {
  readonly key: Uint8Array;
  /** Undefined: the key was absent. */
  readonly before: Uint8Array | undefined;
}

/** A store whose writes since the last `commit` can be taken back. */
export interface UndoStore extends StateStore {
  /** The writes so far stay. */
  commit(): void;
  /** Takes every write since the last `commit` back, the latest first. */
  rollback(): void;
}

/**
 * Remembers what each write replaced. One entry per write: agents write once per changed key and batch, because typed
 * states are flushed when the batch has succeeded.
 */
class UndoLogStore implements UndoStore {
  private readonly store: StateStore;
  private readonly log: Undo[] = [];

  constructor(store: StateStore) {
    this.store = store;
  }

  get stats() {
    return this.store.stats;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.store.get(key);
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.remember(key);
    this.store.put(key, value);
  }

  delete(key: Uint8Array): boolean {
    this.remember(key);
    return this.store.delete(key);
  }

  scan(range?: ScanRange): Iterable<readonly [key: Uint8Array, value: Uint8Array]> {
    return this.store.scan(range);
  }

  snapshot(epoch: number): StateSnapshot {
    return this.store.snapshot(epoch);
  }

  restore(chain: readonly StateSnapshotBytes[]): Promise<void> {
    return this.store.restore(chain);
  }

  commit(): void {
    this.log.length = 0;
  }

  rollback(): void {
    for (let undo = this.log.pop(); undo !== undefined; undo = this.log.pop()) {
      if (undo.before === undefined) this.store.delete(undo.key);
      else this.store.put(undo.key, undo.before);
    }
  }

  private remember(key: Uint8Array): void {
    const before = this.store.get(key);
    // Copies: stores lend their bytes, and the `slice` of a Buffer would share them.
    this.log.push({ key: new Uint8Array(key), before: before && new Uint8Array(before) });
  }
}

/** Makes the writes of a batch revocable. */
export function createUndoStore(store: StateStore): UndoStore {
  return new UndoLogStore(store);
}
