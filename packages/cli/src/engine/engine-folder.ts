import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { EngineFolderStatus } from '@sabot/cluster';
import type { CliIo } from '../command/io.js';
import { cliErrors } from '../errors.js';

/** Reads the engine's folder, or fails saying that there is none. */
export async function readEngine(engineDir: string, io: CliIo): Promise<EngineFolderStatus> {
  const directory = resolve(io.cwd, engineDir);
  if (existsSync(join(directory, 'engine.json'))) {
    // Loaded only when there is something to read.
    const { readEngineFolder } = await import('@sabot/cluster');
    return readEngineFolder(directory);
  }
  throw cliErrors.error('NO_ENGINE', {
    what: `cannot look at an engine in "${directory}"`,
    why: existsSync(directory) ? 'the folder holds none' : 'there is no such folder',
  });
}
