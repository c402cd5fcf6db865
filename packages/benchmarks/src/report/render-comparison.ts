import type { Comparison } from '../results/compare.js';
import { amount, percent } from './amounts.js';

/** A comparison as lines of text, worst first. */
export function renderComparison(comparison: Comparison): string {
  const lines = [...comparison.differences]
    .sort((a, b) => a.changePercent - b.changePercent)
    .map((one) => {
      const change = `${amount(one.baseline)} → ${amount(one.current)} ${one.unit}`;
      return `${percent(one.changePercent).padStart(10)}  ${one.suite} ${one.case}, ${one.contender}: ${change}`;
    });
  const why =
    comparison.judgedBy === 'medians'
      ? 'Medians of the same machine; positive is better.'
      : 'Ratios to the baseline of each run, because the machines or versions of Node.js differ; positive is better.';
  const missing = [
    ...comparison.onlyInBaseline.map((name) => `only in the baseline: ${name}`),
    ...comparison.onlyInCurrent.map((name) => `only in the current run: ${name}`),
  ];
  return [why, ...lines, ...missing].map((line) => `${line}\n`).join('');
}
