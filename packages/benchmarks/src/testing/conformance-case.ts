/** One rule of a port, to be run by any test runner: `for (const { name, run } of cases) it(name, run)`. */
export interface ConformanceCase {
  readonly name: string;
  run(): Promise<void>;
}
