import { instrumentAgents } from '@sabot/agents';
import {
  createWorker,
  type Engine,
  instrumentEngine,
  instrumentWorker,
  openEmbeddedEngine,
  runStreamJob,
  type Worker,
} from '@sabot/cluster';
import {
  type ResolvedConfig,
  type RunningObservability,
  resolveConfig,
  startObservability,
} from '@sabot/core-observability/sdk';
import { instrumentJoins } from '@sabot/joins';
import { instrumentState } from '@sabot/state';
import { instrumentStream, jobModule, performanceOptions, type TaskDecorator } from '@sabot/stream';
import type { DemoOptions } from './command-line.js';
import type { DemoInput } from './data-files.js';
import type { FlightsJobSettings } from './flights-job.js';
import { type DemoFolders, forgetEarlierRun, prepareFolders } from './folders.js';
import { assertPortFree } from './free-port.js';
import { jobName, sinkIds } from './job-names.js';
import { type JobObserver, observeJob } from './live-job.js';
import { assertSameInput } from './same-input.js';

const checkpointEveryMs = 1000;

/** What runs in the demo's process. */
export interface DemoSystem {
  readonly engine: Engine;
  readonly worker: Worker;
  readonly observer: JobObserver;
  /** Where metrics can be scraped; undefined when telemetry is off. */
  readonly metricsUrl: string | undefined;
  /** Stops everything; a line for each thing that telemetry could not deliver. */
  shutdown(): Promise<readonly string[]>;
}

/** Wires everything together: the one place that knows all packages. */
export async function startSystem(options: DemoOptions, input: DemoInput, folders: DemoFolders): Promise<DemoSystem> {
  const config = demoConfig(options, folders);
  if (config.telemetry.enabled) await assertPortFree(config.telemetry.prometheusPort);
  prepareFolders(folders);
  const bareEngine = await openEngine(folders, options.fresh, input);
  const observability = await startObservability({ config, onProblem: 'throw' }).catch(async (error: unknown) => {
    await bareEngine[Symbol.asyncDispose]();
    throw error;
  });
  const engine = instrumentEngine(bareEngine, observability);
  const observer = observeJob();
  const alerts = observability.counter('flight_alerts', { description: 'Airport hours far outside their history.' });
  const { flights, airports, asDeparted } = input;
  const { output, state } = folders;
  const worker = createDemoWorker({
    engine,
    settings: { flights: flights.path, airports, asDeparted, output, state },
    parallelism: options.parallelism,
    performance: chosenPerformance(config),
    observability,
    decorators: [observer.decorator, countingAlerts((rows) => alerts.add(rows))],
  });
  return {
    engine,
    worker,
    observer,
    metricsUrl: observability.status().prometheusUrl,
    async shutdown() {
      await worker[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
      const { lost } = await observability.shutdown();
      return lost.map(({ signal, count, cause }) => `Telemetry lost ${count} ${signal}: ${cause}.`);
    },
  };
}

/** Telemetry is on unless the environment or `sabot.json` says otherwise; the store lies beside the demo's state. */
function demoConfig(options: DemoOptions, folders: DemoFolders): ResolvedConfig {
  const configured = resolveConfig();
  const isSet = (key: string) => configured.origins[`telemetry.${key}`]?.source !== 'default';
  return resolveConfig({
    flags: {
      telemetry: {
        enabled: isSet('enabled') ? undefined : true,
        serviceName: isSet('service_name') ? undefined : 'sabot-demo',
        storePath: isSet('store_path') ? undefined : folders.telemetry,
        prometheusPort: options.prometheusPort,
        sampleRate: options.sampleRate,
      },
    },
  });
}

/** What is configured for performance; everything else stays as the demo has it. */
function chosenPerformance({ performance, origins }: ResolvedConfig): DemoWorkerParts['performance'] {
  const isSet = (key: string) => (origins[`performance.${key}`]?.source ?? 'default') !== 'default';
  return {
    ...(isSet('enable_native') ? { enableNative: performance.enableNative } : {}),
    ...(isSet('max_memory_mb') ? { maxMemoryMb: performance.maxMemoryMb } : {}),
    ...(isSet('thread_pool_size') ? { threadPoolSize: performance.threadPoolSize } : {}),
    ...(isSet('buffer_size') ? { bufferSize: performance.bufferSize } : {}),
    ...(isSet('batch_size') ? { batchSize: performance.batchSize } : {}),
  };
}

/** Opening takes the folder's lock: only its holder may throw an earlier run away. */
async function openEngine(folders: DemoFolders, fresh: boolean, input: DemoInput): Promise<Engine> {
  const engine = await openEmbeddedEngine({ directory: folders.engine });
  if (!fresh) {
    await assertSameInput(engine, input).catch(async (error: unknown) => {
      await engine[Symbol.asyncDispose]();
      throw error;
    });
    return engine;
  }
  await engine[Symbol.asyncDispose]();
  forgetEarlierRun(folders);
  prepareFolders(folders);
  return await openEmbeddedEngine({ directory: folders.engine });
}

interface DemoWorkerParts {
  readonly engine: Engine;
  readonly settings: FlightsJobSettings;
  readonly parallelism: number | undefined;
  readonly performance: Parameters<typeof performanceOptions>[0];
  readonly observability: RunningObservability;
  readonly decorators: readonly TaskDecorator[];
}

function createDemoWorker(parts: DemoWorkerParts): Worker {
  const { engine, settings, parallelism, performance, observability, decorators } = parts;
  // A module of its own, so that other threads can describe the same job.
  const module = jobModule(new URL('./flights-job.js', import.meta.url), settings, { exportName: 'flightsJobSetup' });
  const run = runStreamJob(() => module, {
    ...performanceOptions(performance, module),
    ...(parallelism === undefined ? {} : { parallelism }),
    intervalMs: checkpointEveryMs,
    decorators: [
      instrumentStream(observability),
      instrumentState(observability),
      instrumentJoins(observability),
      instrumentAgents(observability),
      ...decorators,
    ],
  });
  const worker = createWorker({ engine, name: 'demo', jobs: { [jobName]: run } });
  return instrumentWorker(worker, observability);
}

/** The demo's business metric, counted where alerts leave the job. */
function countingAlerts(count: (rows: number) => void): TaskDecorator {
  return {
    sink(writer, { operatorId }) {
      if (operatorId !== sinkIds.alerts) return writer;
      return {
        write(batch) {
          count(batch.numRows);
          return writer.write(batch);
        },
        prepare: (epoch) => writer.prepare(epoch),
        commit: (prepared) => writer.commit(prepared),
        close: (finished) => writer.close(finished),
      };
    },
  };
}
