/** Benchmarks: suites with contenders, each case in a process of its own, results as checked JSON, reports and comparisons. */
export { benchmarksErrors } from './errors.js';
export { renderComparison } from './report/render-comparison.js';
export { type ReportFormat, renderReport } from './report/render-report.js';
export { type Comparison, compareResults, type Difference, regressionsIn } from './results/compare.js';
export type { BenchmarkResults, CaseResult, ContenderResult } from './results/results.js';
export { parseResults, readResults, writeOutput } from './results/results-file.js';
export { type RunBenchmarksOptions, runBenchmarks } from './run/run-benchmarks.js';
export { serveCase } from './run/serve-case.js';
export type { BenchmarkCase, Contender, OpenContender, Sample, Suite } from './suite/suite.js';
export { loadSuite, suiteNames } from './suites.js';
