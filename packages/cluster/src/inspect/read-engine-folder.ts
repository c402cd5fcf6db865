import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createLocalLog } from '@sabot/stream';
import { readFolderOwner } from '../embedded/folder-lock.js';
import { checkFormat, engineLayout } from '../embedded/open-embedded-engine.js';
import { KeyTable } from '../engine/key-table.js';
import { COORDINATION_TOPIC, REGISTER_TOPIC } from '../engine/table-engine.js';
import { parseCommitRecord } from '../engine/table-register.js';
import { type ClusterStatus, statusOf } from './cluster-status.js';

/** What an embedded engine's folder says, whether or not a process has it open. */
export interface EngineFolderStatus extends ClusterStatus {
  readonly directory: string;
  /** The process that has it open, if any. */
  readonly openedBy: { readonly pid: number } | undefined;
  /** Names of the snapshot store, in order. */
  readonly snapshots: readonly string[];
}

const ATTEMPTS = 3;

/**
 * Reads an embedded engine's folder without opening it and without changing anything in it: the tables, a few megabytes
 * at most, are copied aside and read there. Fails with `SABOT_CLUSTER_ENGINE_FOLDER_INVALID` when there is no engine.
 */
export async function readEngineFolder(directory: string): Promise<EngineFolderStatus> {
  const layout = engineLayout(directory);
  await checkFormat(layout.format, false);
  for (let attempt = 1; ; attempt++) {
    try {
      const status = await readCopy(layout.tables);
      const owner = await readFolderOwner(resolve(directory));
      return {
        directory: resolve(directory),
        openedBy: owner && { pid: owner.pid },
        ...(owner === undefined ? withoutNodes(status) : status),
        snapshots: await snapshotNames(layout.snapshots),
      };
    } catch (error) {
      // The owner may have replaced files while they were copied.
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function readCopy(tables: string): Promise<ClusterStatus> {
  const copy = await mkdtemp(join(tmpdir(), 'sabot-engine-'));
  try {
    await cp(tables, copy, { recursive: true });
    const log = await createLocalLog({ directory: copy, fsync: 'never' });
    const registers = await KeyTable.open(log, REGISTER_TOPIC);
    const coordination = await KeyTable.open(log, COORDINATION_TOPIC);
    const status = await statusOf(coordination.list(''), async (job, task) => {
      const entry = registers.get(`${job}/${task}`);
      return entry && parseCommitRecord(entry.value, entry.key);
    });
    await log.close();
    return status;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** Sessions of a process that is gone are no nodes, and what it ran does not run. */
function withoutNodes(status: ClusterStatus): ClusterStatus {
  const tasks = status.tasks.map((task) =>
    task.state === 'running' || task.state === 'assigned' ? ({ ...task, state: 'waiting' } as const) : task,
  );
  return { ...status, leader: undefined, nodes: [], tasks };
}

async function snapshotNames(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
