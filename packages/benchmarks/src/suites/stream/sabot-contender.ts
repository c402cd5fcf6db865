import type { Batch } from '@sabot/columnar';
import { instrumentJoins } from '@sabot/joins';
import { defineJob, forEachSink, instrumentStream, type Job, startJob, type TaskDecorator } from '@sabot/stream';
import { type NexmarkStreams, nexmarkStreams } from '../../nexmark/nexmark-streams.js';
import { type NexmarkQueryName, nexmarkQueries } from '../../nexmark/queries/queries.js';
import type { Contender } from '../../suite/suite.js';
import { BATCH_EVENTS, EVENTS, rate, SEED } from './sizes.js';

/**
 * A query on one core, its events generated while it runs, metrics on and one trace in a hundred.
 * `every column`: persons, auctions and bids with all their columns go through the engine, needed or not. `pruned`: what
 * the optimiser finds to be enough.
 */
export function sabot(query: NexmarkQueryName, columns: 'every column' | 'pruned'): Contender {
  return {
    name: columns === 'pruned' ? 'sabot, pruned' : 'sabot',
    async open() {
      const decorators = await telemetry();
      return {
        async sample() {
          const counted = { rows: 0 };
          const startedMs = performance.now();
          const running = await startJob(jobOf(query, columns, counted), { decorators });
          await running.done;
          return { value: rate(EVENTS, startedMs), facts: { ...counted } };
        },
      };
    },
  };
}

function jobOf(query: NexmarkQueryName, columns: 'every column' | 'pruned', counted: { rows: number }): Job {
  const streams = nexmarkStreams({ events: EVENTS, seed: SEED, batchEvents: BATCH_EVENTS });
  const sink = forEachSink((batch: Batch) => {
    counted.rows += batch.numRows;
  });
  if (columns === 'pruned') return defineJob(query, [nexmarkQueries[query](streams).to(sink)]);
  const whole = wholeStreams(streams);
  const drain = forEachSink(() => undefined);
  return defineJob(query, [
    nexmarkQueries[query](whole).to(sink),
    ...Object.entries(whole).map(([name, stream]) => stream.to(drain, { name: `all-${name}` })),
  ]);
}

/** The streams behind an observer: the optimiser cannot take a column away from it. */
function wholeStreams({ persons, auctions, bids }: NexmarkStreams): NexmarkStreams {
  const see = () => undefined;
  return { persons: persons.tap(see), auctions: auctions.tap(see), bids: bids.tap(see) };
}

async function telemetry(): Promise<readonly TaskDecorator[]> {
  const { resolveConfig, startObservability } = await import('@sabot/core-observability/sdk');
  const settings = { enabled: true, mode: 'sabot' as const, prometheusPort: null, sampleRate: 0.01, storePath: null };
  const config = resolveConfig({ env: {}, flags: { telemetry: settings } });
  const observability = await startObservability({ config, metricIntervalMs: 3_600_000 });
  return [instrumentStream(observability), instrumentJoins(observability)];
}
