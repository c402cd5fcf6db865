import { processIo } from './command/process-io.js';
import { runCli } from './command/run-cli.js';

void runCli(process.argv.slice(2), processIo()).then((code) => {
  process.exitCode = code;
});
