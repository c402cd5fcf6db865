import { copyBytes } from '../bytes/copy.js';
import { checkSnapshotName, snapshotExists, snapshotMissing } from './snapshot-name.js';
import type { SnapshotStore } from './snapshot-store.js';

/** A snapshot store in memory, for tests and for jobs that need no restart. */
export function createMemorySnapshotStore(): SnapshotStore {
  const blobs = new Map<string, Uint8Array>();
  return {
    async put(name, bytes) {
      checkSnapshotName(name);
      const before = blobs.get(name);
      if (before !== undefined && Buffer.compare(before, bytes) !== 0) throw snapshotExists(name);
      blobs.set(name, copyBytes(bytes));
    },
    async get(name) {
      checkSnapshotName(name);
      const bytes = blobs.get(name);
      if (bytes === undefined) throw snapshotMissing(name);
      return copyBytes(bytes);
    },
    async list(prefix) {
      return [...blobs.keys()].filter((name) => name.startsWith(prefix)).sort();
    },
    async delete(name) {
      checkSnapshotName(name);
      blobs.delete(name);
    },
  };
}
