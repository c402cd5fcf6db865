/**
 * What telemetry costs a pipeline of six operators over batches of 4096 rows, against the same pipeline bare, in one run.
 *
 *   node ../../node_modules/.bin/tsup …: see the script `bench` of package.json
 *
 * Rounds of all settings alternate and are compared within a round, so that a slow moment of the machine hits all of them;
 * the table has medians of processor time, which a busy machine does not change as it changes time.
 * Not measured: what exporters do off the hot path, except in the line "all sampled + store", where the time of writing is
 * in. The pipeline is light (about 3 ns a row): a heavier one makes the percentages smaller.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { metrics as metricsApi, trace as traceApi } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { createObservability } from '../src/index.js';
import { resolveConfig, startObservability } from '../src/sdk.js';
import { bare, type RunBatch, withOpenTelemetry, withSabot } from './instrumentation.js';
import { createBatch, createOperators, ROWS } from './pipeline.js';

interface Setting {
  readonly name: string;
  readonly run: RunBatch;
  /** Work that belongs to the setting and happens after a round. */
  readonly after?: () => Promise<void>;
  /** Part of the comparison only: needs the global OpenTelemetry of this setting. */
  readonly before?: () => void;
}

const BATCHES_PER_ROUND = 400;
const ROUNDS = 60;
const budgets: Readonly<Record<string, string>> = {
  'recorder only': '≤ 4 µs (1 ns a row)',
  'metrics + 1 %': '≤ 3 %',
  'all sampled': '≤ 10 %',
};

const folder = mkdtempSync(join(tmpdir(), 'sabot-bench-'));
const settings = await createSettings();
const times = await measure(settings);
const report = table(times);
console.log(report);
const results = join(process.cwd(), 'bench', 'results');
mkdirSync(results, { recursive: true });
writeFileSync(join(results, `observability-node${process.versions.node.split('.')[0]}.txt`), `${report}\n`);
rmSync(folder, { recursive: true, force: true });
process.exit(0);

async function createSettings(): Promise<readonly Setting[]> {
  const owned = async (sampleRate: number, storePath: string | null) => {
    const telemetry = { enabled: true, mode: 'sabot' as const, prometheusPort: null, sampleRate, storePath };
    const config = resolveConfig({ env: {}, flags: { telemetry } });
    return await startObservability({ config, metricIntervalMs: 3_600_000 });
  };
  const onePercent = await owned(0.01, null);
  const all = await owned(1, null);
  const stored = await owned(1, folder);
  // Each of them registered the SDK for users' own spans; the settings below must see a process without one.
  forgetGlobals();
  const recorderOnly = withSabot(createOperators(), createObservability());
  forgetGlobals();
  return [
    { name: 'bare', run: bare(createOperators()) },
    // Off wraps nothing: the same code, measured a second time, shows how much the numbers vary.
    { name: 'off', run: bare(createOperators()) },
    { name: 'recorder only', run: recorderOnly },
    { name: 'metrics + 1 %', run: withSabot(createOperators(), onePercent), after: () => onePercent.flush() },
    { name: 'all sampled', run: withSabot(createOperators(), all), after: () => all.flush() },
    { name: 'all sampled + store', run: withSabot(createOperators(), stored), after: () => stored.flush() },
    ...[0.01, 1].map(openTelemetry),
  ];
}

function forgetGlobals(): void {
  traceApi.disable();
  metricsApi.disable();
}

/** OpenTelemetry's SDK with a batch processor and an exporter that throws everything away. */
function openTelemetry(ratio: number): Setting {
  const exporter = {
    export: (_: unknown, done: (result: { code: 0 }) => void) => done({ code: 0 }),
    shutdown: async () => undefined,
  };
  const tracers = new BasicTracerProvider({
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const reader = new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 3_600_000,
  });
  const meters = new MeterProvider({ readers: [reader] });
  traceApi.setGlobalTracerProvider(tracers);
  metricsApi.setGlobalMeterProvider(meters);
  const run = withOpenTelemetry(createOperators());
  forgetGlobals();
  return { name: `OpenTelemetry ${ratio * 100} %`, run, after: () => tracers.forceFlush() };
}

async function measure(all: readonly Setting[]): Promise<ReadonlyMap<string, readonly number[]>> {
  const batch = createBatch();
  const found = new Map<string, number[]>(all.map(({ name }) => [name, []]));
  for (let round = -5; round < ROUNDS; round++) {
    for (const { name, run, after } of all) {
      const begun = process.cpuUsage();
      for (let n = 0; n < BATCHES_PER_ROUND; n++) run(batch);
      const hot = process.cpuUsage(begun);
      await after?.();
      const { user, system } = name.endsWith('store') ? process.cpuUsage(begun) : hot;
      // The first rounds warm up.
      if (round >= 0) found.get(name)?.push((user + system) / BATCHES_PER_ROUND);
    }
  }
  return found;
}

function table(found: ReadonlyMap<string, readonly number[]>): string {
  const baseline = median(found.get('bare') ?? []);
  const bareRounds = found.get('bare') ?? [];
  const rows = [...found].map(([name, perBatch]) => {
    // Differences within a round: what slows the machine for a while slows both sides.
    const added = median(perBatch.map((value, round) => value - (bareRounds[round] as number)));
    const value = baseline + added;
    return [
      name,
      value.toFixed(2),
      added.toFixed(2),
      `${((added / baseline) * 100).toFixed(1)} %`,
      `${((added * 1000) / ROWS).toFixed(2)}`,
      budgets[name] ?? '',
    ];
  });
  const head = ['setting', 'µs/batch', 'added µs', 'added', 'added ns/row', 'budget'];
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const where = `Node ${process.versions.node}, six operators, ${ROWS} rows a batch, medians of ${ROUNDS} rounds of ${BATCHES_PER_ROUND} batches; load ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores`;
  return [where, '', ...lines].join('\n');
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
