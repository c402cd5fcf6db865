import type { BenchmarkResults, CaseResult, ContenderResult } from '../../src/results/results.js';

/** A measured contender. */
export function measured(name: string, median: number, ratio: number | null, peer = false): ContenderResult {
  return { status: 'measured', name, peer, samples: [median], median, ratio, facts: {}, loadAverage: 0 };
}

/** Results of one case on some machine. */
export function resultsOf(
  contenders: readonly ContenderResult[],
  overrides: Partial<CaseResult> = {},
): BenchmarkResults {
  return {
    format: 'sabot-benchmarks/1',
    startedAt: '2026-11-22T18:00:00.000Z',
    durationMs: 10,
    command: 'sabot benchmarks run',
    iterations: 1,
    machine: { cpu: 'a cpu', cores: 2, memoryMb: 8000, platform: 'linux', arch: 'x64' },
    node: 'v20.19.0',
    versions: { rxjs: '7.8.2' },
    cases: [
      {
        suite: 'stream',
        name: 'q0 | <all>',
        what: 'What.',
        unit: 'events/s',
        better: 'higher',
        baseline: 'loop',
        references: { 'Flink ×20': 3100 },
        contenders: [...contenders],
        ...overrides,
      },
    ],
  };
}
