/** Where immutable, checksummed blobs of checkpoints live. Names are paths of `[a-z0-9._-]` segments. */
export interface SnapshotStore {
  /** Durable when it resolves (write, fsync, rename, fsync of the folder); a name is never rewritten. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** The bytes, checksum verified; fails with a coded error when missing, torn or altered. */
  get(name: string): Promise<Uint8Array>;
  /** Names that begin with the prefix, in order. */
  list(prefix: string): Promise<readonly string[]>;
  /** Removes a blob; removing an absent one is not an error. */
  delete(name: string): Promise<void>;
}
