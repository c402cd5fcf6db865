/** What one run of a contender has given. */
export interface Sample {
  /** In the case's unit. */
  readonly value: number;
  /** Further numbers worth keeping beside it, by a name that says the unit: `rssMb`, `p99Ms`. */
  readonly facts?: Readonly<Record<string, number>>;
}

/** A contender that is ready: what it needs is loaded, and its input is there. */
export interface OpenContender {
  /** Does the work once and measures it; called again and again. */
  sample(): Promise<Sample>;
  close?(): Promise<void> | void;
}

/** One program that does the work of a case. */
export interface Contender {
  /** `sabot`, `duckdb`, `rxjs`; or a setting of ours, `metrics + 1 %`. */
  readonly name: string;
  /** The package that it needs beside Sabot's own: the result says so when it is not installed. */
  readonly requires?: string;
  /** Somebody else's program: it is shown, and `compare` never fails because of it. */
  readonly peer?: boolean;
  /** Prepares what is not to be measured. Packages are imported in here, never at the top of a suite's file. */
  open(): Promise<OpenContender>;
}

/** One question, and everybody who answers it. */
export interface BenchmarkCase {
  /** `q5`, `group by utf8`; unique in its suite. */
  readonly name: string;
  /** One sentence: what is measured, and what is not. */
  readonly what: string;
  /** `events/s`, `ms`, `%`. */
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  /** The contender that the others are divided by. */
  readonly baseline: string;
  readonly contenders: readonly Contender[];
  /**
   * `process` (default): every contender in a process of its own, so that none inherits another's heap or compiled code.
   * `shared`: all in one, samples in turns, so that a slow moment of the machine hits all of them.
   */
  readonly isolation?: 'process' | 'shared';
  /** Samples that are thrown away first; default 1. */
  readonly warmups?: number;
  /** Options of Node.js for the process, such as `--expose-gc`. */
  readonly nodeOptions?: readonly string[];
  /** How long one process may take in all; default 600,000. */
  readonly timeoutMs?: number;
  /** Published or promised figures in the case's unit, shown as columns of their own. */
  readonly references?: Readonly<Record<string, number>>;
}

/** A named set of cases that belong in one table. */
export interface Suite {
  readonly name: string;
  /** One sentence for the table's head. */
  readonly what: string;
  readonly cases: readonly BenchmarkCase[];
}
