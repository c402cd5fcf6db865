import type { Job } from '../plan/job.js';
import type { ExpressionMode } from '../ports/expression-mode.js';
import type { StartJobOptions } from './task-options.js';
import { isJobModule, type JobModule } from './threads/job-module.js';

type PerformanceOptions = Pick<
  StartJobOptions,
  'expressions' | 'maxMemoryMb' | 'parallelism' | 'channelRows' | 'batchRows'
>;

/** As the configuration names them; what is left out stays as `startJob` has it. */
interface PerformanceChoices {
  readonly enableNative?: boolean;
  readonly maxMemoryMb?: number;
  readonly threadPoolSize?: number;
  readonly bufferSize?: number;
  readonly batchSize?: number;
}

/**
 * What the section `performance` of the configuration means for a job: `enable_native` compiled expressions,
 * `max_memory_mb` the limit of what it holds, `buffer_size` the rows that a channel holds, `batch_size` the rows of a
 * batch where a stream does not say, and `thread_pool_size` its threads, if the job is a module and can have several.
 *
 * @example
 * const { performance } = resolveConfig();
 * await startJob(job, { ...performanceOptions(performance, job) });
 */
export function performanceOptions(settings: PerformanceChoices, job?: Job | JobModule): PerformanceOptions {
  const { enableNative, maxMemoryMb, threadPoolSize, bufferSize, batchSize } = settings;
  const expressions: ExpressionMode = enableNative === false ? 'interpreted' : 'auto';
  const threads = job !== undefined && isJobModule(job) ? threadPoolSize : undefined;
  return {
    ...(enableNative === undefined ? {} : { expressions }),
    ...(maxMemoryMb === undefined ? {} : { maxMemoryMb }),
    ...(threads === undefined ? {} : { parallelism: threads }),
    ...(bufferSize === undefined ? {} : { channelRows: bufferSize }),
    ...(batchSize === undefined ? {} : { batchRows: batchSize }),
  };
}
