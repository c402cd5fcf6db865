import { Session } from 'node:inspector/promises';
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { type Batch, sliceBatch } from '@sabot/columnar';
import {
  aggregates,
  createAccumulators,
  createGroupTable,
  createHashIndex,
  sortRows,
  takeColumn,
} from '@sabot/columnar/kernels';
import type { BenchmarkCase, Contender } from '../../suite/suite.js';
import { batchOf } from './tables.js';

const BATCH_ROWS = 8192;
const BATCHES = 200;
const SAMPLING_BYTES = 512;

/** Readies a kernel; what it gives does one batch. */
type Kernel = (whole: Batch) => (batch: Batch) => void;

const kernels: Readonly<Record<string, Kernel>> = {
  'group by int64': (whole) => grouping(whole, ['key']),
  'group by utf8 and int64': (whole) => grouping(whole, ['name', 'key']),
  'join probe': (whole) => {
    const index = createHashIndex([whole.column('key')]);
    return (batch) => {
      const pairs = index.probe([batch.column('small')], batch.numRows);
      takeColumn(whole.column('value'), pairs.buildRows, pairs.count);
    };
  },
  sort: () => (batch) => {
    sortRows([batch.column('value'), batch.column('key')], [{}, { descending: true }], batch.numRows);
  },
};

function grouping(whole: Batch, keys: readonly string[]): (batch: Batch) => void {
  const plan = aggregates(whole.schema, (a) => ({ n: a.count(), most: a.max('key') }));
  const table = createGroupTable(keys.map((key) => whole.column(key).type));
  const totals = createAccumulators(plan);
  return (batch) => {
    const groups = table.assign(
      keys.map((key) => batch.column(key)),
      batch.numRows,
    );
    totals.update(groups, table.size, batch);
  };
}

function contender(name: string, kernel: Kernel): Contender {
  return {
    name,
    async open() {
      const whole = batchOf({
        rows: 8 * BATCH_ROWS,
        columns: {
          key: { kind: 'mixed', distinct: 5000, salt: 1 },
          small: { kind: 'mixed', distinct: 100_000, salt: 2 },
          value: { kind: 'eighths', salt: 4 },
          name: { kind: 'name', of: { kind: 'mixed', distinct: 50, salt: 5 } },
        },
      });
      const run = kernel(whole);
      const batches = Array.from({ length: 8 }, (_, i) => sliceBatch(whole, i * BATCH_ROWS, (i + 1) * BATCH_ROWS));
      return { sample: () => sampled(() => batches.forEach(run)) };
    },
  };
}

async function sampled(round: () => void): Promise<{ value: number; facts: Record<string, number> }> {
  const counts = { minorCollections: 0, majorCollections: 0 };
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      // The type of entries leaves out what those of 'gc' carry.
      const { kind } = (entry as unknown as { detail: { kind: number } }).detail;
      if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) counts.majorCollections++;
      else if (kind === constants.NODE_PERFORMANCE_GC_MINOR) counts.minorCollections++;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: SAMPLING_BYTES,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  for (let done = 0; done < BATCHES; done += 8) round();
  const { profile } = await session.post('HeapProfiler.stopSampling');
  session.disconnect();
  await new Promise((resolve) => setTimeout(resolve, 20));
  observer.disconnect();
  return { value: bytesOf(profile.head) / (BATCHES * BATCH_ROWS), facts: counts };
}

interface SampledNode {
  readonly selfSize: number;
  readonly children: readonly SampledNode[];
}

function bytesOf(node: SampledNode): number {
  return node.children.reduce((sum, child) => sum + bytesOf(child), node.selfSize);
}

/** What kernels allocate on the JavaScript heap, by allocation sampling: next to nothing, as nothing is made per row. */
export const allocationCase: BenchmarkCase = {
  name: 'JavaScript heap per row',
  what: 'Bytes of JavaScript objects made per row over 200 batches of 8192 rows, sampled every 512 bytes; one number per row would be 12 or more. Buffers of results lie outside of that heap and are not counted.',
  unit: 'bytes/row',
  better: 'lower',
  baseline: 'group by int64',
  contenders: Object.entries(kernels).map(([name, kernel]) => contender(name, kernel)),
};
