import { benchmarksErrors } from './errors.js';
import type { Suite } from './suite/suite.js';

/** Every suite by its name, loaded when it is asked for. A new one is a line here and a file or folder in `suites/`. */
const loaders: Readonly<Record<string, () => Promise<Suite>>> = {
  columnar: async () => (await import('./suites/columnar/columnar-suite.js')).columnarSuite,
  observability: async () => (await import('./suites/observability/observability-suite.js')).observabilitySuite,
  runtime: async () => (await import('./suites/runtime/runtime-suite.js')).runtimeSuite,
  stream: async () => (await import('./suites/stream/stream-suite.js')).streamSuite,
};

/** The names that `--suite` takes, beside `all`. */
export const suiteNames: readonly string[] = Object.keys(loaders);

/** A suite by its name. Fails with `SABOT_BENCHMARKS_SUITE_UNKNOWN`. */
export async function loadSuite(name: string): Promise<Suite> {
  const load = Object.hasOwn(loaders, name) ? loaders[name] : undefined;
  if (load !== undefined) return await load();
  throw benchmarksErrors.error('SUITE_UNKNOWN', {
    what: `there is no suite "${name}"`,
    why: `the suites are ${suiteNames.join(', ')}`,
  });
}
