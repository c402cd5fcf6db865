import { ByteTable } from '../bytes/byte-table.js';
import { hashBytes } from '../bytes/compare.js';
import { copyBytes } from '../bytes/copy.js';
import { sortedByKey } from '../bytes/sort-by-key.js';
import { ChainPolicy, checkMaxDeltas, DEFAULT_MAX_DELTAS } from '../snapshot/chain-policy.js';
import { PendingSnapshot, snapshotPending } from '../snapshot/pending-snapshot.js';
import { readChain } from '../snapshot/snapshot-chain.js';
import { encodeSnapshot, type SnapshotOrigin } from '../snapshot/snapshot-format.js';
import { ABSENT, OrderedBytes } from './ordered-bytes.js';
import type { StateSnapshot } from './state-snapshot.js';
import type { OpenStateStore, ScanRange, StateSnapshotBytes, StateStoreStats } from './state-store.js';
import { checkKey, storeClosed } from './store-key.js';

export interface MemoryStateStoreOptions {
  /** Deltas after which a snapshot is full again; 0: every snapshot is full. Default 16. */
  readonly maxDeltas?: number;
}

/**
 * A state store in memory: point operations by hash, scans in key order, snapshots as deltas.
 *
 * Fails with `SABOT_STATE_KEY_SIZE`, `SABOT_STATE_SNAPSHOT_PENDING`, `SABOT_STATE_EPOCH_ORDER`, and when restoring with
 * `SABOT_STATE_SNAPSHOT_CORRUPT`, `SABOT_STATE_SNAPSHOT_VERSION` or `SABOT_STATE_CHAIN_BROKEN`.
 */
export function createMemoryStateStore(options: MemoryStateStoreOptions = {}): OpenStateStore {
  return new MemoryStateStore(checkMaxDeltas(options.maxDeltas ?? DEFAULT_MAX_DELTAS));
}

type Change = [key: Uint8Array, value: Uint8Array | null];

/**
 * State: the entries, the keys changed since the last snapshot (never more than the entries, or tracking stops and the
 * next snapshot is full), and the frozen references of one unsettled snapshot.
 */
class MemoryStateStore implements OpenStateStore {
  readonly backend = 'memory';
  readonly stats: StateStoreStats = { gets: 0, puts: 0, deletes: 0, scans: 0, entries: 0, bytes: 0 };
  private readonly policy: ChainPolicy;
  private content = new OrderedBytes();
  /** Undefined: not tracked, the next snapshot is full. */
  private changed: ByteTable<true> | undefined;
  private pending: PendingSnapshot | undefined;
  private closed = false;

  constructor(maxDeltas: number) {
    this.policy = new ChainPolicy(maxDeltas);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.expectOpen();
    this.stats.gets++;
    return this.content.get(hashBytes(key), key) ?? undefined;
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.expectOpen();
    checkKey(key);
    this.stats.puts++;
    const hash = hashBytes(key);
    const before = this.content.set(hash, key, value);
    this.count(key, before, value.length);
    this.noteChanged(hash, key);
  }

  delete(key: Uint8Array): boolean {
    this.expectOpen();
    this.stats.deletes++;
    const hash = hashBytes(key);
    const before = this.content.remove(hash, key);
    if (before === ABSENT) return false;
    this.count(key, before, ABSENT);
    this.noteChanged(hash, key);
    return true;
  }

  scan(range?: ScanRange): Iterable<readonly [key: Uint8Array, value: Uint8Array]> {
    this.expectOpen();
    this.stats.scans++;
    // Deleted keys are removed here, never marked: no cell is null.
    return this.content.scan(range) as IterableIterator<readonly [Uint8Array, Uint8Array]>;
  }

  snapshot(epoch: number): StateSnapshot {
    this.expectOpen();
    if (this.pending !== undefined) throw snapshotPending(epoch, this.pending.epoch);
    if (this.changed === undefined) this.policy.startAnew();
    const origin = this.policy.origin(epoch, this.stats.bytes);
    const changes = origin.base === null ? (this.content.cells() as Change[]) : this.changesSinceBase();
    this.content.freezeValues();
    this.changed = new ByteTable();
    this.pending = this.freeze(origin, changes);
    return this.pending;
  }

  async restore(chain: readonly StateSnapshotBytes[]): Promise<void> {
    this.expectOpen();
    const links = readChain(chain);
    const content = new OrderedBytes();
    for (const link of links) {
      for (const [key, value] of link.content) {
        if (value === null) content.remove(hashBytes(key), key);
        else content.set(hashBytes(key), key, value);
      }
    }
    this.pending?.drop();
    this.pending = undefined;
    this.content = content;
    this.stats.entries = content.size;
    this.stats.bytes = content.cells().reduce((sum, [key, value]) => sum + key.length + (value?.length ?? 0), 0);
    this.changed = links.length === 0 ? undefined : new ByteTable();
    this.policy.restored(
      links,
      chain.map(({ bytes }) => bytes.length),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closed = true;
    this.pending?.drop();
    this.pending = undefined;
    this.content = new OrderedBytes();
    this.changed = undefined;
  }

  private freeze(origin: SnapshotOrigin, changes: Change[]): PendingSnapshot {
    let sorted: Change[] | undefined;
    return new PendingSnapshot({
      origin,
      encode: () => {
        sorted ??= sortedByKey(changes, ([key]) => key);
        return encodeSnapshot(origin, sorted, sizeOf(sorted));
      },
      confirm: async (id, size) => {
        this.policy.confirmed(origin, id, size);
        this.pending = undefined;
      },
      abandon: () => {
        this.pending = undefined;
        if (origin.base === null) this.changed = undefined;
        else for (const [key] of changes) this.noteChanged(hashBytes(key), key);
      },
    });
  }

  private changesSinceBase(): Change[] {
    const changes: Change[] = [];
    const changed = this.changed as ByteTable<true>;
    for (let entry = 0; entry < changed.capacity; entry++) {
      const key = changed.keyAt(entry);
      if (key !== undefined) changes.push([key, this.content.get(changed.hashAt(entry), key) ?? null]);
    }
    return changes;
  }

  private noteChanged(hash: number, key: Uint8Array): void {
    const changed = this.changed;
    if (changed === undefined || changed.find(hash, key, 0, key.length) >= 0) return;
    changed.insert(hash, copyBytes(key), true);
    // A delta as large as the state is no gain, and keys deleted long ago must not pile up.
    if (changed.size > this.content.size + 1024) this.changed = undefined;
  }

  private count(key: Uint8Array, before: number, after: number): void {
    if (before === ABSENT) {
      this.stats.entries++;
      this.stats.bytes += key.length + after;
    } else if (after === ABSENT) {
      this.stats.entries--;
      this.stats.bytes -= key.length + before;
    } else this.stats.bytes += after - before;
  }

  private expectOpen(): void {
    if (this.closed) throw storeClosed('memory state store');
  }
}

function sizeOf(changes: readonly Change[]): number {
  return changes.reduce((sum, [key, value]) => sum + key.length + (value?.length ?? 0) + 8, 0);
}
