import { type Command, InvalidArgumentError, Option } from 'commander';
import { examples } from '../command/examples.js';
import type { CliIo } from '../command/io.js';
import { positiveInteger } from '../command/option-values.js';
import type { CompareOptions, ReportOptions, RunOptions } from './benchmarks.js';

/** `sabot benchmarks …`: measure, compare two runs, print one. */
export function addBenchmarkCommands(program: Command, io: CliIo): void {
  const benchmarks = program
    .command('benchmarks')
    .description('Measure Sabot and its competitors on this machine, and compare runs.');
  benchmarks
    .command('run')
    .description('Run suites, each contender in a process of its own, and print medians.')
    .option('--suite <name...>', 'suites to run, or all', ['all'])
    .option('--case <name...>', 'only these cases')
    .option('--iterations <count>', 'samples per contender, after the warm-up', positiveInteger, 3)
    .option('--output <file>', 'also write everything as JSON')
    .option('--quiet', 'print no progress')
    .addHelpText(
      'after',
      examples('benchmarks run --suite stream', 'benchmarks run --iterations 5 --output results.json --quiet'),
    )
    .action(async (options: RunOptions) => (await import('./benchmarks.js')).run(options, io));
  benchmarks
    .command('compare')
    .description('Compare two files of results; medians on one machine, ratios on two.')
    .requiredOption('--baseline <file>', 'results to compare with')
    .requiredOption('--current <file>', 'results to judge')
    .option('--fail-above <percent>', 'fail when one of our results is worse by more than this', percentage)
    .addHelpText('after', examples('benchmarks compare --baseline main.json --current mine.json --fail-above 10'))
    .action(async (options: CompareOptions) => (await import('./benchmarks.js')).compare(options, io));
  benchmarks
    .command('report')
    .description('Print a file of results as tables.')
    .requiredOption('--results-file <file>', 'results of `sabot benchmarks run --output`')
    .addOption(
      new Option('--format <format>', 'how to print').choices(['console', 'markdown', 'html']).default('console'),
    )
    .option('--output <file>', 'write it there instead of printing it')
    .addHelpText('after', examples('benchmarks report --results-file results.json --format html --output report.html'))
    .action(async (options: ReportOptions) => (await import('./benchmarks.js')).report(options, io));
}

function percentage(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new InvalidArgumentError('It must be a number of percent, 0 or more.');
  return value;
}
