import { stateErrors } from '../errors.js';
import type { StateSnapshotBytes } from '../store/state-store.js';
import { decodeSnapshot, NO_BASE_ID, type SnapshotEntry, type SnapshotHeader } from './snapshot-format.js';

/** One verified member of a chain. */
export interface ChainLink extends SnapshotHeader {
  readonly content: Iterable<SnapshotEntry>;
}

/**
 * Verifies a chain before anything is changed: every checksum, a full snapshot first, each delta made on the one before
 * it. Fails with `SNAPSHOT_CORRUPT`, `SNAPSHOT_VERSION` or `CHAIN_BROKEN`.
 */
export function readChain(chain: readonly StateSnapshotBytes[]): readonly ChainLink[] {
  const links: ChainLink[] = [];
  for (const { epoch, bytes } of chain) {
    const link = decodeSnapshot(bytes);
    if (link.epoch !== epoch)
      throw broken(`a snapshot listed as epoch ${epoch} says that it is of epoch ${link.epoch}`);
    const base = links.at(-1);
    if (base === undefined && link.baseEpoch !== null) {
      throw broken(`its first snapshot, of epoch ${epoch}, is a delta on epoch ${link.baseEpoch}`);
    }
    if (base !== undefined && (link.baseEpoch !== base.epoch || link.baseId !== base.id)) {
      throw broken(`the snapshot of epoch ${epoch} does not continue the one of epoch ${base.epoch} before it`);
    }
    links.push(link);
  }
  return links;
}

/** Where a chain ends: what the next delta builds on. */
export function chainEnd(links: readonly SnapshotHeader[]): { readonly epoch: number; readonly id: string } {
  const last = links.at(-1);
  return last === undefined ? { epoch: -1, id: NO_BASE_ID } : { epoch: last.epoch, id: last.id };
}

function broken(why: string) {
  return stateErrors.error('CHAIN_BROKEN', { what: 'cannot restore a chain of snapshots', why });
}
