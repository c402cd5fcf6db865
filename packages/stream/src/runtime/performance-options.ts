import type { StartJobOptions } from './task-options.js';

/**
 * What the section `performance` of the configuration means for any job: `enable_native` switches compiled expressions,
 * `max_memory_mb` bounds what is held in memory. The other keys need the program: `batch_size` is `batchRows` of a source, and
 * `thread_pool_size` is `parallelism`, which only a `jobModule` can have.
 *
 * @example
 * const { performance } = resolveConfig();
 * await startJob(job, { ...performanceOptions(performance) });
 */
export function performanceOptions(settings: {
  readonly enableNative: boolean;
  readonly maxMemoryMb: number;
}): Pick<StartJobOptions, 'expressions' | 'maxMemoryMb'> {
  const { enableNative, maxMemoryMb } = settings;
  return { expressions: enableNative ? 'auto' : 'interpreted', maxMemoryMb };
}
