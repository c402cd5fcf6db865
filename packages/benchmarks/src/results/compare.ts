import type { BenchmarkResults, CaseResult, MeasuredContender } from './results.js';

/** One contender in two runs. */
export interface Difference {
  readonly suite: string;
  readonly case: string;
  readonly contender: string;
  readonly unit: string;
  readonly baseline: number;
  readonly current: number;
  /** Positive is better: 25 is a quarter more throughput, or a fifth less time. */
  readonly changePercent: number;
  /** Somebody else's program: shows how much the machine differs. */
  readonly peer: boolean;
}

export interface Comparison {
  /** `medians` of one machine; `ratios` to the baseline of the same run when the machines or versions of Node.js differ. */
  readonly judgedBy: 'medians' | 'ratios';
  readonly differences: readonly Difference[];
  /** What one run has and the other has not, `suite/case/contender`. */
  readonly onlyInBaseline: readonly string[];
  readonly onlyInCurrent: readonly string[];
}

/** Compares two runs contender by contender. */
export function compareResults(baseline: BenchmarkResults, current: BenchmarkResults): Comparison {
  const judgedBy = sameMachine(baseline, current) ? 'medians' : 'ratios';
  const before = measuredIn(baseline);
  const after = measuredIn(current);
  const differences = [...after].flatMap(([key, now]) => {
    const then = before.get(key);
    return then === undefined ? [] : differenceOf(then, now, judgedBy);
  });
  return {
    judgedBy,
    differences,
    onlyInBaseline: [...before.keys()].filter((key) => !after.has(key)),
    onlyInCurrent: [...after.keys()].filter((key) => !before.has(key)),
  };
}

/** Our own results that have become worse by more than this many percent. */
export function regressionsIn({ differences }: Comparison, failAbovePercent: number): readonly Difference[] {
  return differences.filter(({ peer, changePercent }) => !peer && changePercent < -failAbovePercent);
}

interface Measured {
  readonly of: CaseResult;
  readonly contender: MeasuredContender;
}

function measuredIn({ cases }: BenchmarkResults): ReadonlyMap<string, Measured> {
  const found = new Map<string, Measured>();
  for (const one of cases) {
    for (const contender of one.contenders) {
      if (contender.status === 'measured')
        found.set(`${one.suite}/${one.name}/${contender.name}`, { of: one, contender });
    }
  }
  return found;
}

function differenceOf(then: Measured, now: Measured, judgedBy: Comparison['judgedBy']): readonly Difference[] {
  const { suite, name, better, unit } = now.of;
  const [baseline, current] =
    judgedBy === 'medians'
      ? [then.contender.median, now.contender.median]
      : [then.contender.ratio, now.contender.ratio];
  if (baseline === null || current === null) return [];
  const higherIsBetter = judgedBy === 'ratios' || better === 'higher';
  const changePercent = ((higherIsBetter ? current / baseline : baseline / current) - 1) * 100;
  const { name: contender, peer } = now.contender;
  return [
    { suite, case: name, contender, unit: judgedBy === 'ratios' ? '×' : unit, baseline, current, changePercent, peer },
  ];
}

function sameMachine(a: BenchmarkResults, b: BenchmarkResults): boolean {
  const identity = ({ machine, node }: BenchmarkResults) =>
    [machine.cpu, machine.cores, machine.platform, machine.arch, node.split('.')[0]].join('|');
  return identity(a) === identity(b);
}
