import type { SnapshotStore } from '@sabot/state';
import type { CommitRegister } from '@sabot/stream';
import type { Log } from '@sabot/stream/ports';

/** A key of the coordination space with the revision of its last write. */
export interface CoordinationEntry {
  readonly key: string;
  readonly value: string;
  readonly revision: number;
}

/** Small keys that many processes see and change by compare-and-set. */
export interface Coordination {
  get(key: string): Promise<CoordinationEntry | undefined>;
  /** Writes if the key's revision is `expected` (0: absent; undefined: whatever it is); the new revision, or undefined if it was not. */
  put(key: string, value: string, expected?: number): Promise<number | undefined>;
  delete(key: string, expected?: number): Promise<boolean>;
  list(prefix: string): Promise<readonly CoordinationEntry[]>;
  /** Current entries of the prefix first, then changes (`undefined` value: deleted), until the signal aborts. */
  watch(prefix: string, signal: AbortSignal): AsyncIterable<CoordinationChange>;
}

export interface CoordinationChange {
  readonly key: string;
  readonly value: string | undefined;
  readonly revision: number;
}

/** The existing distributed system that jobs run on. Sabot itself replicates nothing and elects no quorum. */
export interface Engine extends AsyncDisposable {
  readonly kind: 'memory' | 'embedded' | 'nats' | 'kafka';
  readonly log: Log;
  readonly coordination: Coordination;
  readonly snapshots: SnapshotStore;
  /** The commit register of a task; the same task gives the same register. */
  register(job: string, task: string): CommitRegister;
}
