import { type Command, Option } from 'commander';
import { examples } from '../command/examples.js';
import type { CliIo } from '../command/io.js';
import type { EngineOptions } from './cluster-status.js';

/** `sabot cluster …` and `sabot checkpoints`: what an embedded engine's folder says. */
export function addClusterCommands(program: Command, io: CliIo): void {
  const cluster = program.command('cluster').description('Look at the workers, jobs and tasks of an embedded engine.');
  withEngine(cluster.command('status'))
    .description('Show nodes, jobs, tasks and one-off work; works while a process has the engine open.')
    .addHelpText(
      'after',
      examples('cluster status', 'cluster status --engine-dir /var/lib/orders/engine --format json'),
    )
    .action(async (options: EngineOptions) => (await import('./cluster-status.js')).clusterStatus(options, io));
  withEngine(program.command('checkpoints'))
    .description('Show the last commit of every task, and the snapshots that are kept.')
    .addHelpText('after', examples('checkpoints', 'checkpoints --format json'))
    .action(async (options: EngineOptions) => (await import('./checkpoints.js')).checkpoints(options, io));
}

function withEngine(command: Command): Command {
  return command
    .option('--engine-dir <folder>', 'folder of the embedded engine', '.sabot/engine')
    .addOption(new Option('--format <format>', 'how to print').choices(['table', 'json']).default('table'));
}
