import { createMemorySnapshotStore } from '@sabot/state';
import { createMemoryLog } from '@sabot/stream';
import { type LocalEngine, openTableEngine } from '../engine/table-engine.js';

/**
 * An engine in memory: everything an engine promises but durability.
 * For tests, and for work that may be lost with its process.
 */
export async function createMemoryEngine(): Promise<LocalEngine> {
  const opened = await openTableEngine({
    kind: 'memory',
    topics: createMemoryLog(),
    tables: createMemoryLog(),
    snapshots: createMemorySnapshotStore(),
    release: async () => undefined,
  });
  return opened.engine;
}
