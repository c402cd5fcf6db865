import { isSabotError } from '@sabot/core-observability/errors';
import { CommanderError } from 'commander';
import { cliErrors } from '../errors.js';
import type { CliIo } from './io.js';
import { createProgram } from './program.js';

/** 0 ok, 1 failed, 2 wrong usage. */
export type ExitCode = 0 | 1 | 2;

/**
 * Runs one command line (without `node` and the script) and resolves with the exit code; never rejects.
 * What the command says goes to `io.out`, failures go to `io.err`: what, why, and what to do.
 */
export async function runCli(argv: readonly string[], io: CliIo): Promise<ExitCode> {
  try {
    await createProgram(io).parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    return fail(error, argv.includes('--debug'), io);
  }
}

function fail(error: unknown, debug: boolean, io: CliIo): ExitCode {
  if (error instanceof CommanderError) {
    // Help and version were asked for; everything else that commander throws, it has already explained.
    return error.exitCode === 0 ? 0 : 2;
  }
  io.err(describe(error, debug));
  return isSabotError(error) && error.code === cliErrors.code('OPTION_INVALID') ? 2 : 1;
}

function describe(error: unknown, debug: boolean): string {
  const stack = debug && error instanceof Error ? `${error.stack ?? error.message}\n` : '';
  if (isSabotError(error)) return `sabot: ${error.what}: ${error.why}.\n  ${error.remedy} [${error.code}]\n${stack}`;
  const message = error instanceof Error ? error.message : String(error);
  return `sabot: unexpected failure: ${message}.\n  Run the command with --debug and report what it prints.\n${stack}`;
}
