import { resolve } from 'node:path';
import {
  benchmarksErrors,
  type ContenderResult,
  compareResults,
  type ReportFormat,
  readResults,
  regressionsIn,
  renderComparison,
  renderReport,
  runBenchmarks,
  writeOutput,
} from '@sabot/benchmarks';
import { isSabotError } from '@sabot/core-observability/errors';
import type { CliIo } from '../command/io.js';
import { cliErrors } from '../errors.js';

export interface RunOptions {
  readonly suite: readonly string[];
  readonly case?: readonly string[];
  readonly iterations: number;
  readonly output?: string;
  readonly quiet?: boolean;
}

export interface CompareOptions {
  readonly baseline: string;
  readonly current: string;
  readonly failAbove?: number;
}

export interface ReportOptions {
  readonly resultsFile: string;
  readonly format: ReportFormat;
  readonly output?: string;
}

/** Measures; progress goes to standard error, the tables to standard output. Fails when a contender of ours has failed. */
export async function run(options: RunOptions, io: CliIo): Promise<void> {
  const results = await runBenchmarks({
    suites: options.suite,
    iterations: options.iterations,
    command: commandOf(options),
    signal: io.signal,
    ...(options.case === undefined ? {} : { cases: options.case }),
    ...(options.quiet === true
      ? {}
      : { onResult: (suite, { name, unit }, result) => io.err(`${suite} ${name}, ${describe(result, unit)}\n`) }),
  }).catch(asWrongUsage);
  if (options.output !== undefined) {
    await writeOutput(resolve(io.cwd, options.output), `${JSON.stringify(results, null, 2)}\n`);
  }
  io.out(renderReport(results, 'console'));
  const failed = results.cases.flatMap(({ suite, name, contenders }) =>
    contenders.flatMap((one) => (one.status === 'failed' && !one.peer ? `${suite} ${name}, ${one.name}` : [])),
  );
  if (failed.length > 0) {
    throw benchmarksErrors.error('CONTENDER_FAILED', { what: 'not everything was measured', why: failed.join('; ') });
  }
}

/** A suite or case that does not exist is a wrong option of this command. */
function asWrongUsage(error: unknown): never {
  if (!isSabotError(error) || error.code !== benchmarksErrors.code('SUITE_UNKNOWN')) throw error;
  throw cliErrors.error('OPTION_INVALID', { what: error.what, why: error.why });
}

/** Prints what has changed, worst first. Fails with `SABOT_BENCHMARKS_REGRESSION` above `--fail-above`. */
export async function compare({ baseline, current, failAbove }: CompareOptions, io: CliIo): Promise<void> {
  const before = await readResults(resolve(io.cwd, baseline));
  const after = await readResults(resolve(io.cwd, current));
  const comparison = compareResults(before, after);
  io.out(renderComparison(comparison));
  if (failAbove === undefined) return;
  const worse = regressionsIn(comparison, failAbove);
  if (worse.length === 0) return;
  throw benchmarksErrors.error('REGRESSION', {
    what: `${worse.length} result${worse.length === 1 ? ' is' : 's are'} worse by more than ${failAbove} %`,
    why: worse.map((one) => `${one.suite} ${one.case}, ${one.contender}: ${one.changePercent.toFixed(1)} %`).join('; '),
  });
}

/** Prints or writes a file of results as tables. */
export async function report({ resultsFile, format, output }: ReportOptions, io: CliIo): Promise<void> {
  const text = renderReport(await readResults(resolve(io.cwd, resultsFile)), format);
  if (output === undefined) io.out(text);
  else await writeOutput(resolve(io.cwd, output), text);
}

function describe(result: ContenderResult, unit: string): string {
  switch (result.status) {
    case 'measured':
      return `${result.name}: ${result.median.toLocaleString('en-US', { maximumSignificantDigits: 4 })} ${unit}`;
    case 'not-installed':
      return `${result.name}: ${result.requires} is not installed`;
    case 'failed':
      return `${result.name} failed: ${result.reason}`;
  }
}

/** The command line again, without what does not change a number. */
function commandOf(options: RunOptions): string {
  const cases = options.case === undefined ? [] : ['--case', ...options.case.map((name) => JSON.stringify(name))];
  return ['sabot benchmarks run --suite', ...options.suite, ...cases, '--iterations', String(options.iterations)].join(
    ' ',
  );
}
