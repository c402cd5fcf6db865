import { Command } from 'commander';
import { addBenchmarkCommands } from '../benchmarks/benchmark-commands.js';
import { addClusterCommands } from '../engine/cluster-commands.js';
import { addTelemetryCommands } from '../telemetry/telemetry-commands.js';
import { version } from '../version.js';
import { applyToAll } from './apply-to-all.js';
import { addCompletionCommand } from './completion-command.js';
import { examples } from './examples.js';
import type { CliIo } from './io.js';

/**
 * The tree of commands. Every action imports what it needs when it runs: `sabot --version` loads commander and nothing
 * else.
 */
export function createProgram(io: CliIo): Command {
  const program = new Command('sabot')
    .description('Look at and configure Sabot stream processing.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .showHelpAfterError('Run with --help to see what there is.')
    .addHelpText(
      'after',
      examples('telemetry enable --prometheus-port 8000', 'telemetry traces --limit 5', 'cluster status'),
    );
  addTelemetryCommands(program, io);
  addClusterCommands(program, io);
  addBenchmarkCommands(program, io);
  addCompletionCommand(program, io);
  applyToAll(program, (command) => {
    command
      .option('--debug', 'print the stack of a failure')
      .exitOverride()
      .configureOutput({
        writeOut: io.out,
        writeErr: io.err,
        getOutHelpWidth: () => io.columns ?? 100,
        getErrHelpWidth: () => io.columns ?? 100,
        outputError: (text, write) => write(text.replace(/^error: /, 'sabot: ')),
      });
  });
  return program;
}
