import type { Instruments } from '@sabot/core-observability';
import type { SnapshotStore } from '../snapshot/snapshot-store.js';
import type { stateTelemetry } from './catalogue.js';

/** A snapshot store whose operations are timed and whose bytes are counted. */
export function meteredSnapshots(store: SnapshotStore, instruments: Instruments<typeof stateTelemetry>): SnapshotStore {
  const { blobDuration, blobBytes } = instruments.metrics;
  const written = blobBytes.series({ 'snapshots.operation': 'put' });
  const read = blobBytes.series({ 'snapshots.operation': 'get' });
  const timed = async <R>(operation: 'put' | 'get' | 'list' | 'delete', action: () => Promise<R>): Promise<R> => {
    const startMs = performance.now();
    let outcome: 'ok' | 'failed' = 'failed';
    try {
      const result = await action();
      outcome = 'ok';
      return result;
    } finally {
      const labels = { 'snapshots.operation': operation, 'snapshots.outcome': outcome } as const;
      blobDuration.series(labels).record((performance.now() - startMs) / 1000);
    }
  };
  return {
    async put(name, bytes) {
      await timed('put', () => store.put(name, bytes));
      written.add(bytes.length);
    },
    async get(name) {
      const bytes = await timed('get', () => store.get(name));
      read.add(bytes.length);
      return bytes;
    },
    list: (prefix) => timed('list', () => store.list(prefix)),
    delete: (name) => timed('delete', () => store.delete(name)),
  };
}
