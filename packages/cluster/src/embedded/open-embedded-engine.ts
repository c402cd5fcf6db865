import { readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createLocalSnapshotStore } from '@sabot/state';
import { createLocalLog } from '@sabot/stream';
import type { Coordination } from '../engine/engine.js';
import { type LocalEngine, openTableEngine } from '../engine/table-engine.js';
import { clusterErrors } from '../errors.js';
import { MEMBERS } from '../protocol/records.js';
import { type FolderLockOptions, lockFolder } from './folder-lock.js';

export interface EmbeddedEngineOptions {
  /** Where everything is kept; created when absent. */
  readonly directory: string;
  /** Records after which a table is written anew as one snapshot; default 2048. */
  readonly compactAfterRecords?: number;
  /** Size at which a file of the log is closed and a new one begun; default 64 MiB for topics. */
  readonly segmentBytes?: number;
  /** How often ownership of the folder is shown to other machines; default 2000 ms. */
  readonly touchEveryMs?: number;
}

/** The tables are small and rewritten often: small files let old ones go soon. */
const TABLE_SEGMENT_BYTES = 1 << 20;
const FORMAT = { format: 'sabot-embedded-engine', version: 1 } as const;

/** The folders of an embedded engine. */
export function engineLayout(directory: string): {
  readonly format: string;
  readonly topics: string;
  readonly tables: string;
  readonly snapshots: string;
} {
  const root = resolve(directory);
  return {
    format: join(root, 'engine.json'),
    topics: join(root, 'topics'),
    tables: join(root, 'tables'),
    snapshots: join(root, 'snapshots'),
  };
}

/**
 * Opens the engine that needs no server: log, commit registers, coordination and snapshots in one local folder.
 *
 * A commit is one framed record with a checksum, durable (`fdatasync`) when it resolves; a record torn by a crash is cut
 * off at the next opening. One process at a time owns the folder; the lock of a killed process is taken over.
 *
 * Fails with `SABOT_CLUSTER_ENGINE_LOCKED` (naming the process), `SABOT_CLUSTER_ENGINE_NOT_WRITABLE` or
 * `SABOT_CLUSTER_ENGINE_FOLDER_INVALID`.
 *
 * @example
 * const engine = await openEmbeddedEngine({ directory: '.sabot/engine' });
 */
export async function openEmbeddedEngine(options: EmbeddedEngineOptions): Promise<LocalEngine> {
  const layout = engineLayout(options.directory);
  let lost: (error: Error) => void = () => undefined;
  const lock = await lockFolder(resolve(options.directory), { ...touching(options), onLost: (error) => lost(error) });
  try {
    await checkFormat(layout.format, true);
    const opened = await openTableEngine({
      kind: 'embedded',
      topics: await createLocalLog({ directory: layout.topics, ...segments(options) }),
      tables: await createLocalLog({ directory: layout.tables, segmentBytes: TABLE_SEGMENT_BYTES }),
      snapshots: createLocalSnapshotStore(layout.snapshots),
      tableOptions:
        options.compactAfterRecords === undefined ? {} : { compactAfterRecords: options.compactAfterRecords },
      release: () => lock.release(),
    });
    lost = opened.fail;
    await forgetSessions(opened.engine.coordination);
    return opened.engine;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Only one process uses the folder: whoever is still registered died with the process before this one. */
async function forgetSessions(coordination: Coordination): Promise<void> {
  const left = await coordination.list(MEMBERS);
  await Promise.all(left.map((member) => coordination.delete(member.key)));
}

function segments(options: EmbeddedEngineOptions): { readonly segmentBytes?: number } {
  return options.segmentBytes === undefined ? {} : { segmentBytes: options.segmentBytes };
}

function touching(options: EmbeddedEngineOptions): FolderLockOptions {
  return options.touchEveryMs === undefined ? {} : { touchEveryMs: options.touchEveryMs };
}

/** Checks the folder's format file; an absent one is written when the folder is to become an engine. */
export async function checkFormat(file: string, create: boolean): Promise<void> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw invalidFolder(file, error.message, error);
  });
  if (text === undefined) {
    if (!create) throw invalidFolder(file, 'there is no such file');
    // Renamed into place: a process killed while writing leaves no half-written format file.
    await writeFile(`${file}.new`, `${JSON.stringify(FORMAT)}\n`, { flush: true });
    await rename(`${file}.new`, file);
    return;
  }
  const version = versionOf(text);
  if (version === FORMAT.version) return;
  throw invalidFolder(
    file,
    version === undefined
      ? 'it is not the format file of an engine'
      : `its format is version ${version}, known is ${FORMAT.version}`,
  );
}

function versionOf(text: string): number | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || !('format' in parsed) || !('version' in parsed))
      return undefined;
    return parsed.format === FORMAT.format && typeof parsed.version === 'number' ? parsed.version : undefined;
  } catch {
    return undefined;
  }
}

function invalidFolder(file: string, why: string, cause?: unknown): Error {
  return clusterErrors.error('ENGINE_FOLDER_INVALID', { what: `cannot read "${file}"`, why, cause });
}
