/**
 * What a check found. Each check counts what it looked at, so that `N passed, N failed` says something.
 *
 * @typedef {{ passed: number, failed: number, problems: readonly string[], warnings?: readonly string[], notes?: readonly string[] }} Outcome
 *   `notes` are figures to show, whatever the result
 */

/**
 * One thing looked at: it passes when nothing is wrong with it.
 *
 * @param {readonly string[]} problems
 * @param {readonly string[]} [warnings]
 * @returns {Outcome}
 */
export function outcomeOf(problems, warnings = []) {
  return { passed: problems.length === 0 ? 1 : 0, failed: problems.length === 0 ? 0 : 1, problems, warnings };
}

/**
 * Several things looked at.
 *
 * @param {readonly Outcome[]} outcomes
 * @returns {Outcome}
 */
export function sumOf(outcomes) {
  return {
    passed: outcomes.reduce((sum, { passed }) => sum + passed, 0),
    failed: outcomes.reduce((sum, { failed }) => sum + failed, 0),
    problems: outcomes.flatMap(({ problems }) => problems),
    warnings: outcomes.flatMap(({ warnings = [] }) => warnings),
    notes: outcomes.flatMap(({ notes = [] }) => notes),
  };
}

/**
 * One program that must end well.
 *
 * @param {import('../workspace/process.mjs').Captured} run
 * @param {string} what
 */
export function outcomeOfRun({ exitCode, output }, what) {
  return outcomeOf(
    exitCode === 0 ? [] : [`${what} ended with ${exitCode}\n${output.trimEnd().split('\n').slice(-60).join('\n')}`],
  );
}
