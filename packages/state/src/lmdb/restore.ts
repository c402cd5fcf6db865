import { setImmediate } from 'node:timers/promises';
import type { ChainLink } from '../snapshot/snapshot-chain.js';
import type { SnapshotEntry } from '../snapshot/snapshot-format.js';
import type { CommittedState, LmdbEnvironment } from './environment.js';

/** What restoring had to do: nothing, apply the deltas that were missing, or write everything anew. */
export type RestoreOutcome = 'kept' | 'caught-up' | 'rebuilt' | 'emptied';

/** Entries per transaction: other work gets its turn in between. */
const CHUNK_ENTRIES = 20_000;

/**
 * Brings an environment to the end of a verified chain. It knows what it holds by the id of a snapshot, so a chain of
 * another history with the same epochs is not mistaken for its own. Interrupted at any point, the next restore starts
 * from a whole state or rebuilds.
 */
export async function restoreInto(environment: LmdbEnvironment, links: readonly ChainLink[]): Promise<RestoreOutcome> {
  const committed = environment.committed();
  if (links.length === 0) {
    if (committed === undefined) return 'kept';
    environment.commit([], { format: 1, epoch: -1, id: null, entries: 0, bytes: 0 }, true);
    return 'emptied';
  }
  const position = links.findIndex(({ id }) => id === committed?.id);
  if (committed === undefined || position < 0) {
    await rebuild(environment, links);
    return 'rebuilt';
  }
  let counts: Counts = committed;
  for (const link of links.slice(position + 1)) counts = applyDelta(environment, link, counts);
  return position === links.length - 1 ? 'kept' : 'caught-up';
}

interface Counts {
  readonly entries: number;
  readonly bytes: number;
}

/** One delta, in one transaction with its epoch. */
function applyDelta(environment: LmdbEnvironment, link: ChainLink, before: Counts): CommittedState {
  const changes = [...link.content];
  const counts = changes.reduce((sum, change) => counted(environment, change, sum), before);
  const committed: CommittedState = { format: 1, epoch: link.epoch, id: link.id, ...countsOf(counts) };
  environment.commit(changes, committed);
  return committed;
}

/** Everything, in many transactions of which only the last one says what the folder then holds. */
async function rebuild(environment: LmdbEnvironment, links: readonly ChainLink[]): Promise<void> {
  let counts: Counts = { entries: 0, bytes: 0 };
  const unfinished = () => ({ format: 1, epoch: -1, id: null, ...countsOf(counts) }) as const;
  environment.commit([], unfinished(), true);
  for (const link of links) {
    let chunk: SnapshotEntry[] = [];
    const write = async () => {
      environment.commit(chunk, unfinished());
      chunk = [];
      await setImmediate();
    };
    for (const change of link.content) {
      counts = counted(environment, change, counts);
      chunk.push(change);
      if (chunk.length >= CHUNK_ENTRIES) await write();
    }
    await write();
  }
  const last = links.at(-1) as ChainLink;
  environment.commit([], { format: 1, epoch: last.epoch, id: last.id, ...countsOf(counts) });
}

/** The counts after a change; keys are unique inside one snapshot, so what is stored is what was before it. */
function counted(environment: LmdbEnvironment, [key, value]: SnapshotEntry, { entries, bytes }: Counts): Counts {
  const before = environment.get(key)?.length;
  const removed = before === undefined ? 0 : key.length + before;
  const added = value === null ? 0 : key.length + value.length;
  return {
    entries: entries + (value === null ? 0 : 1) - (before === undefined ? 0 : 1),
    bytes: bytes + added - removed,
  };
}

function countsOf({ entries, bytes }: Counts): Counts {
  return { entries, bytes };
}
