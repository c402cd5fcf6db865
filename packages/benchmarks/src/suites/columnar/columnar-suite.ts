import type { BenchmarkCase, Suite } from '../../suite/suite.js';
import { allocationCase } from './allocation.js';
import { contendersOf } from './contenders.js';
import { lines } from './lines.js';

const measuredLines = lines.map(
  (line): BenchmarkCase => ({
    name: line.name,
    what: line.what,
    unit: 'ns/row',
    better: 'lower',
    baseline: 'duckdb',
    contenders: contendersOf(line),
  }),
);

/** Kernels of `@sabot/columnar` against DuckDB, Polars and Arquero. */
export const columnarSuite: Suite = {
  name: 'columnar',
  what: 'From columns in memory to columns in memory, per core: DuckDB has one thread, the time of Polars counts once per core, Arquero gets 1M rows.',
  cases: [...measuredLines, allocationCase],
};
