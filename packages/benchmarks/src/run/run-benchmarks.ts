import { benchmarksErrors } from '../errors.js';
import type { BenchmarkResults, CaseResult, ContenderResult } from '../results/results.js';
import { median, medianFacts, ratioTo } from '../results/statistics.js';
import type { BenchmarkCase, Contender, Sample, Suite } from '../suite/suite.js';
import { loadSuite, suiteNames } from '../suites.js';
import type { CaseMessage } from './case-protocol.js';
import { forkCase } from './fork-case.js';
import { installedVersions, thisMachine } from './machine.js';

export interface RunBenchmarksOptions {
  /** Names of suites, or `all`; default `['all']`. */
  readonly suites?: readonly string[];
  /** Only cases of these names; default every one. */
  readonly cases?: readonly string[];
  /** Samples per contender, after the warm-up; default 3. */
  readonly iterations?: number;
  /** Called with every result of a contender as soon as it is there. */
  readonly onResult?: (suite: string, found: BenchmarkCase, result: ContenderResult) => void;
  /** Ends the running case at once and the run with it. */
  readonly signal?: AbortSignal;
  /** The command line to note in the results. */
  readonly command?: string;
  /** Suites that are not this package's: how to load one by name, and the program that measures its cases (see `measureCase`). */
  readonly own?: { readonly load: (name: string) => Promise<Suite>; readonly program: string };
}

/**
 * Measures suites, every case in processes of its own, one after the other.
 *
 * A contender that is not installed or fails is a result that says so; the others are measured all the same.
 * Errors: `SABOT_BENCHMARKS_SUITE_UNKNOWN`, `…_OPTION_INVALID`.
 */
export async function runBenchmarks(options: RunBenchmarksOptions = {}): Promise<BenchmarkResults> {
  const iterations = options.iterations ?? 3;
  if (!Number.isSafeInteger(iterations) || iterations < 1) {
    throw benchmarksErrors.error('OPTION_INVALID', {
      what: `cannot take ${iterations} samples`,
      why: 'iterations must be a whole number, at least 1',
    });
  }
  const startedMs = Date.now();
  const chosen = await chooseCases(options);
  const cases: CaseResult[] = [];
  for (const { suite, found } of chosen) cases.push(await runCase(suite, found, iterations, options));
  const packages = chosen.flatMap(({ found }) => found.contenders.flatMap(({ requires = [] }) => requires));
  return {
    format: 'sabot-benchmarks/1',
    startedAt: new Date(startedMs).toISOString(),
    durationMs: Date.now() - startedMs,
    command: options.command ?? 'runBenchmarks()',
    iterations,
    machine: thisMachine(),
    node: process.version,
    versions: installedVersions(['@sabot/benchmarks', ...new Set(packages)]),
    cases,
  };
}

interface ChosenCase {
  readonly suite: string;
  readonly found: BenchmarkCase;
}

async function chooseCases({ suites = ['all'], cases, own }: RunBenchmarksOptions): Promise<readonly ChosenCase[]> {
  const names = suites.includes('all') ? suiteNames : suites;
  const load = own?.load ?? loadSuite;
  const loaded: Suite[] = [];
  for (const name of names) loaded.push(await load(name));
  const all = loaded.flatMap((suite) => suite.cases.map((found) => ({ suite: suite.name, found })));
  const unknown = cases?.find((name) => !all.some(({ found }) => found.name === name));
  if (unknown !== undefined) {
    throw benchmarksErrors.error('SUITE_UNKNOWN', {
      what: `there is no case "${unknown}" in ${names.join(', ')}`,
      why: `the cases are ${all.map(({ found }) => found.name).join(', ')}`,
    });
  }
  return cases === undefined ? all : all.filter(({ found }) => cases.includes(found.name));
}

async function runCase(
  suite: string,
  found: BenchmarkCase,
  iterations: number,
  options: RunBenchmarksOptions,
): Promise<CaseResult> {
  const groups = found.isolation === 'shared' ? [found.contenders] : found.contenders.map((one) => [one]);
  const contenders: ContenderResult[] = [];
  for (const group of groups) {
    const results = await runGroup(suite, found, group, iterations, options);
    for (const result of results) options.onResult?.(suite, found, result);
    contenders.push(...results);
  }
  const { name, what, unit, better, baseline, references = {} } = found;
  return { suite, name, what, unit, better, baseline, references, contenders: withRatios(contenders, found) };
}

async function runGroup(
  suite: string,
  found: BenchmarkCase,
  group: readonly Contender[],
  iterations: number,
  options: RunBenchmarksOptions,
): Promise<readonly ContenderResult[]> {
  const messages: CaseMessage[] = [];
  const request = { suite, name: found.name, contenders: group.map(({ name }) => name), iterations };
  const broken = await forkCase(
    request,
    {
      program: options.own?.program,
      nodeOptions: found.nodeOptions ?? [],
      timeoutMs: found.timeoutMs ?? 600_000,
      signal: options.signal,
    },
    (message) => messages.push(message),
  );
  options.signal?.throwIfAborted();
  return group.map((contender) => resultOf(contender, messages, iterations, broken));
}

function resultOf(
  { name, peer = false, requires = '' }: Contender,
  messages: readonly CaseMessage[],
  iterations: number,
  broken: string | undefined,
): ContenderResult {
  const own = messages.filter(({ contender }) => contender === name);
  const failed = own.find((message) => message.kind === 'failed');
  if (failed !== undefined) return { status: 'failed', name, peer, reason: failed.reason };
  if (own.some(({ kind }) => kind === 'not-installed')) return { status: 'not-installed', name, peer, requires };
  const taken = own.filter((message) => message.kind === 'sample');
  const samples: Sample[] = taken.map(({ sample }) => sample);
  const values = samples.map(({ value }) => value);
  if (values.length < iterations || !values.every(Number.isFinite)) {
    const reason = broken ?? `it gave ${values.join(', ')} instead of ${iterations} numbers`;
    return { status: 'failed', name, peer, reason };
  }
  const loadAverage = taken.at(-1)?.loadAverage ?? 0;
  const facts = medianFacts(samples);
  return { status: 'measured', name, peer, samples: values, median: median(values), ratio: null, facts, loadAverage };
}

function withRatios(results: readonly ContenderResult[], { baseline, better }: BenchmarkCase): ContenderResult[] {
  const base = results.find(({ name }) => name === baseline);
  return results.map((result) => {
    if (result.status !== 'measured' || base?.status !== 'measured') return result;
    return { ...result, ratio: ratioTo(base.median, result.median, better) };
  });
}
