import { accessSync, constants, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { demoErrors } from './errors.js';

/** Where a run keeps things, below the folder of `--directory`. */
export interface DemoFolders {
  /** Commit records, snapshots and coordination of the embedded engine. */
  readonly engine: string;
  /** Keyed state. */
  readonly state: string;
  /** Results. */
  readonly output: string;
  readonly telemetry: string;
}

export function demoFolders(directory: string): DemoFolders {
  return {
    engine: join(directory, 'engine'),
    state: join(directory, 'state'),
    output: join(directory, 'output'),
    telemetry: join(directory, 'telemetry'),
  };
}

/**
 * Makes sure that the folders can be written, before anything is.
 *
 * Errors: `SABOT_DEMO_FOLDER_NOT_WRITABLE`.
 */
export function prepareFolders(folders: DemoFolders): void {
  for (const folder of Object.values(folders)) {
    try {
      makeFolder(resolve(folder));
      accessSync(folder, constants.W_OK | constants.X_OK);
    } catch (cause) {
      const why = whyNotWritable(folder, cause);
      throw demoErrors.error('FOLDER_NOT_WRITABLE', { what: `cannot write to "${folder}"`, why, cause });
    }
  }
}

/** Level by level: Node's own `recursive` tries for ever where a folder cannot be made and is then said not to exist (/proc). */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process was faster.
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'takes no folders',
  EROFS: 'is mounted read-only',
  EACCES: 'may not be written by this user',
  EPERM: 'may not be written by this user',
  ENOSPC: 'has no space left',
  ENAMETOOLONG: 'has a name that is too long',
};

/** Node calls a folder missing that cannot be made on a read-only disk: the nearest one that is there says why. */
function whyNotWritable(folder: string, cause: unknown): string {
  const there = nearestExisting(resolve(folder));
  if (!statSync(there).isDirectory()) return `"${there}" is not a folder`;
  const reason = reasons[codeOf(attempt(() => accessSync(there, constants.W_OK)))] ?? reasons[codeOf(cause)];
  if (reason !== undefined) return `"${there}" ${reason}`;
  return cause instanceof Error ? cause.message : String(cause);
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}

function attempt(action: () => void): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Forgets an earlier run: what it computed, not its telemetry. */
export function forgetEarlierRun({ engine, state, output }: DemoFolders): void {
  for (const folder of [engine, state, output]) rmSync(folder, { recursive: true, force: true });
}
