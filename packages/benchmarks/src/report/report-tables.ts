import type { BenchmarkResults, CaseResult, ContenderResult } from '../results/results.js';
import { amount, times } from './amounts.js';

/** A table of a report, as text: one per suite and unit. */
export interface ReportTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The tables of a report: a row per case, a column per contender, then the references. */
export function tablesOf(results: BenchmarkResults): readonly ReportTable[] {
  const groups = new Map<string, CaseResult[]>();
  for (const one of results.cases) {
    const title = `${one.suite}: ${one.unit}, ${one.better} is better, against ${one.baseline}`;
    groups.set(title, [...(groups.get(title) ?? []), one]);
  }
  return [...groups].map(([title, cases]) => tableOf(title, cases));
}

/** Where and how the results were made. */
export function provenanceOf({ machine, node, versions, ...run }: BenchmarkResults): readonly string[] {
  const installed = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryMb} MB, ${machine.platform} ${machine.arch}; Node.js ${node}`,
    `${run.startedAt}, medians of ${run.iterations}; ${installed.join(', ')}`,
    `Command: ${run.command}`,
  ];
}

function tableOf(title: string, cases: readonly CaseResult[]): ReportTable {
  const contenders = [...new Set(cases.flatMap((one) => one.contenders.map(({ name }) => name)))];
  const references = [...new Set(cases.flatMap((one) => Object.keys(one.references)))];
  return {
    title,
    head: ['case', ...contenders, ...references],
    rows: cases.map((one) => [
      one.name,
      ...contenders.map((name) =>
        cellOf(
          one.contenders.find((found) => found.name === name),
          one.baseline,
        ),
      ),
      ...references.map((name) => (name in one.references ? amount(one.references[name] as number) : '')),
    ]),
  };
}

function cellOf(result: ContenderResult | undefined, baseline: string): string {
  switch (result?.status) {
    case undefined:
      return '';
    case 'not-installed':
      return 'not installed';
    case 'failed':
      return 'failed';
    case 'measured': {
      const ratio = result.name === baseline || result.ratio === null ? '' : ` (${times(result.ratio)})`;
      return amount(result.median) + ratio;
    }
  }
}
