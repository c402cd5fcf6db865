import type { StartOptions } from './start-options.js';

/** What does not work: told once each, and kept for `status`. */
export class Problems {
  readonly seen: string[] = [];
  private readonly tell: StartOptions['onProblem'];

  constructor(tell: StartOptions['onProblem']) {
    this.tell = tell;
  }

  /** A problem found while starting; thrown when that was asked for. */
  atStart(problem: unknown): void {
    if (this.tell === 'throw') throw problem;
    this.later(problem instanceof Error ? problem : new Error(String(problem)));
  }

  /** Something that only some programs need: kept for `status` and told to whoever asked to be told, never printed or thrown. */
  readonly lacking = (problem: Error | undefined): void => {
    if (problem === undefined) return;
    this.seen.push(problem.message);
    if (typeof this.tell === 'function') this.tell(problem);
  };

  /** A line about what happened that is no failure by itself. */
  readonly note = (line: string): void => {
    process.stderr.write(`sabot telemetry: ${line}\n`);
  };

  /** A problem found while running; never thrown, there is nobody to catch it. */
  readonly later = (problem: Error): void => {
    this.seen.push(problem.message);
    if (typeof this.tell === 'function') this.tell(problem);
    else process.stderr.write(`sabot telemetry: ${problem.message}\n`);
  };
}
