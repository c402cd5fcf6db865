import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { hashBytes } from '../bytes/compare.js';
import { stateErrors } from '../errors.js';
import { ChainPolicy, checkMaxDeltas, DEFAULT_MAX_DELTAS } from '../snapshot/chain-policy.js';
import { PendingSnapshot, snapshotPending } from '../snapshot/pending-snapshot.js';
import { readChain } from '../snapshot/snapshot-chain.js';
import { encodeSnapshot, type SnapshotOrigin } from '../snapshot/snapshot-format.js';
import { ABSENT, type Cell, MARKED_DELETED, OrderedBytes } from '../store/ordered-bytes.js';
import type { StateSnapshot } from '../store/state-snapshot.js';
import type { OpenStateStore, ScanRange, StateSnapshotBytes, StateStoreStats } from '../store/state-store.js';
import { checkKey, MAX_KEY_BYTES, storeClosed } from '../store/store-key.js';
import { type Durability, LmdbEnvironment } from './environment.js';
import { mergeLayers, withoutDeleted } from './merged-scan.js';
import { type RestoreOutcome, restoreInto } from './restore.js';

export interface LmdbStateStoreOptions {
  /** Deltas after which a snapshot is full again; 0: every snapshot is full. Default 16. */
  readonly maxDeltas?: number;
  /**
   * `fsync` (default): a confirmed snapshot survives a power failure. `none`: it survives the death of the process only;
   * after a power failure the folder may be damaged and has to be deleted, and is then rebuilt from the checkpoint.
   */
  readonly durability?: Durability;
}

/** A state store in a folder. */
export interface LmdbStateStore extends OpenStateStore {
  /** The epoch that the folder holds, −1 when it is new. */
  readonly committedEpoch: number;
  /** What the last `restore` had to do; undefined before the first. */
  readonly lastRestore: RestoreOutcome | undefined;
}

/**
 * Opens a folder as a state store that holds more than memory does. The folder is a copy of the last checkpoint: it is
 * written when a snapshot is confirmed and never before.
 *
 * Fails with `SABOT_STATE_STORE_LOCKED`, `_STORE_CORRUPT`, `_STORAGE_READ_ONLY`, `_STORAGE_FULL` or `_STORAGE_FAILED`.
 */
export async function openLmdbStateStore(folder: string, options: LmdbStateStoreOptions = {}): Promise<LmdbStateStore> {
  const { maxDeltas = DEFAULT_MAX_DELTAS, durability = 'fsync' } = options;
  checkMaxDeltas(maxDeltas);
  if (durability !== 'fsync' && durability !== 'none') {
    throw stateErrors.error('STATE_DECLARATION', {
      what: 'cannot open a state store',
      why: `durability is ${JSON.stringify(durability)}`,
      remedy: "Use 'fsync' or 'none'.",
    });
  }
  const environment = new LmdbEnvironment(resolve(folder), durability);
  try {
    return new LayeredLmdbStore(environment, maxDeltas);
  } catch (error) {
    await environment.close();
    throw error;
  }
}

/**
 * Algorithm: three layers, read from the top: what was written since the last snapshot, what the unsettled snapshot
 * froze, and LMDB. Confirming writes the frozen layer and its epoch to LMDB in one transaction.
 * State: in memory, the entries written in the running and in the frozen epoch; the rest is in LMDB's pages.
 * Correctness: LMDB is never ahead of the commit record, because only `confirm` writes; it is behind after a crash
 * between the record and `confirm`, and `restore` makes up for it.
 * Cost: a transaction and (with `fsync`) a flush per confirmed snapshot, on the calling thread.
 */
class LayeredLmdbStore implements LmdbStateStore {
  readonly backend = 'lmdb';
  readonly stats: StateStoreStats = { gets: 0, puts: 0, deletes: 0, scans: 0, entries: 0, bytes: 0 };
  lastRestore: RestoreOutcome | undefined;
  private readonly environment: LmdbEnvironment;
  private readonly policy: ChainPolicy;
  private live = new OrderedBytes();
  private frozen: OrderedBytes | undefined;
  private pending: PendingSnapshot | undefined;
  private closed = false;

  constructor(environment: LmdbEnvironment, maxDeltas: number) {
    this.environment = environment;
    this.policy = new ChainPolicy(maxDeltas);
    this.policy.resumeAfter(this.committedEpoch);
    this.countCommitted();
  }

  get committedEpoch(): number {
    return this.environment.committed()?.epoch ?? -1;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.expectOpen();
    this.stats.gets++;
    const hash = hashBytes(key);
    const cell = this.live.get(hash, key);
    return cell === undefined ? this.below(hash, key) : (cell ?? undefined);
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.expectOpen();
    checkKey(key);
    this.stats.puts++;
    const hash = hashBytes(key);
    const inLive = this.live.set(hash, key, value);
    const before = inLive === ABSENT ? (this.below(hash, key)?.length ?? ABSENT) : inLive;
    if (before < 0) {
      this.stats.entries++;
      this.stats.bytes += key.length + value.length;
    } else this.stats.bytes += value.length - before;
  }

  delete(key: Uint8Array): boolean {
    this.expectOpen();
    this.stats.deletes++;
    const hash = hashBytes(key);
    const inLive = this.live.get(hash, key);
    const under = this.below(hash, key)?.length ?? ABSENT;
    const before = inLive === undefined ? under : (inLive?.length ?? MARKED_DELETED);
    if (before < 0) return false;
    // A key that is in no other layer needs no mark.
    if (under === ABSENT) this.live.remove(hash, key);
    else this.live.set(hash, key, null);
    this.stats.entries--;
    this.stats.bytes -= key.length + before;
    return true;
  }

  scan(range: ScanRange = {}): Iterable<readonly [key: Uint8Array, value: Uint8Array]> {
    this.expectOpen();
    this.stats.scans++;
    return withoutDeleted(
      mergeLayers([this.live, this.frozen, this.environment].flatMap((layer) => layer?.scan(range) ?? [])),
    );
  }

  snapshot(epoch: number): StateSnapshot {
    this.expectOpen();
    if (this.pending !== undefined) throw snapshotPending(epoch, this.pending.epoch);
    const origin = this.policy.origin(epoch, this.stats.bytes);
    const frozen = this.live;
    this.frozen = frozen;
    this.live = new OrderedBytes();
    const { entries, bytes } = this.stats;
    this.pending = new PendingSnapshot({
      origin,
      encode: () => this.encode(origin, frozen, bytes + entries * 4),
      confirm: async (id, size) => {
        const committed = { format: 1, epoch, id: id ?? randomUUID().replaceAll('-', ''), entries, bytes } as const;
        this.environment.commit(frozen.scan(), committed);
        this.policy.confirmed(origin, id, size);
        this.frozen = undefined;
        this.pending = undefined;
      },
      abandon: () => this.thaw(frozen),
    });
    return this.pending;
  }

  async restore(chain: readonly StateSnapshotBytes[]): Promise<void> {
    this.expectOpen();
    const links = readChain(chain);
    this.pending?.drop();
    this.pending = undefined;
    this.frozen = undefined;
    this.live = new OrderedBytes();
    try {
      this.lastRestore = await restoreInto(this.environment, links);
    } finally {
      this.countCommitted();
    }
    this.policy.restored(
      links,
      chain.map(({ bytes }) => bytes.length),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.pending?.drop();
    await this.environment.close();
  }

  private encode(origin: SnapshotOrigin, frozen: OrderedBytes, fullBytes: number) {
    if (origin.base !== null) return encodeSnapshot(origin, frozen.scan(), frozen.size * 64);
    // Until it is settled nobody writes to LMDB: it still is what lies under the frozen layer.
    return encodeSnapshot(origin, withoutDeleted(mergeLayers([frozen.scan(), this.environment.scan({})])), fullBytes);
  }

  private thaw(frozen: OrderedBytes): void {
    for (const [key, cell] of this.live.cells()) frozen.set(hashBytes(key), key, cell);
    this.live = frozen;
    this.frozen = undefined;
    this.pending = undefined;
  }

  /** The value under the running epoch's layer. */
  private below(hash: number, key: Uint8Array): Uint8Array | undefined {
    const cell: Cell | undefined = this.frozen?.get(hash, key);
    if (cell !== undefined) return cell ?? undefined;
    if (key.length === 0 || key.length > MAX_KEY_BYTES) return undefined;
    return this.environment.get(key);
  }

  private countCommitted(): void {
    const committed = this.environment.committed();
    this.stats.entries = committed?.entries ?? 0;
    this.stats.bytes = committed?.bytes ?? 0;
  }

  private expectOpen(): void {
    if (this.closed) throw storeClosed(`state store in "${this.environment.folder}"`);
  }
}
