import { accessSync, constants, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
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
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.W_OK | constants.X_OK);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw demoErrors.error('FOLDER_NOT_WRITABLE', { what: `cannot write to "${folder}"`, why, cause });
    }
  }
}

/** Forgets an earlier run: what it computed, not its telemetry. */
export function forgetEarlierRun({ engine, state, output }: DemoFolders): void {
  for (const folder of [engine, state, output]) rmSync(folder, { recursive: true, force: true });
}
