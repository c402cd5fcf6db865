import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ResolvedConfig, resolveConfig } from '@sabot/core-observability/sdk';
import type { CliIo } from '../command/io.js';

/** The configuration file that a command means: the one asked for, else `sabot.json` in the working directory. */
export function configPath(given: string | undefined, io: CliIo): string {
  return resolve(io.cwd, given ?? 'sabot.json');
}

/** The effective configuration; a file that was not asked for by name may be absent. */
export function readConfig(given: string | undefined, io: CliIo): ResolvedConfig {
  const path = configPath(given, io);
  const file = given !== undefined || existsSync(path) ? { file: path } : {};
  return resolveConfig({ env: io.env, ...file });
}

/** Where the local store lies, or undefined when the configuration keeps none. */
export function storePath(config: ResolvedConfig, io: CliIo): string | undefined {
  const { storePath: path } = config.telemetry;
  return path === null ? undefined : resolve(io.cwd, path);
}
