export { renderCliReference } from './command/cli-reference.js';
export type { CliIo } from './command/io.js';
export { type ExitCode, runCli } from './command/run-cli.js';
export { cliErrors } from './errors.js';
