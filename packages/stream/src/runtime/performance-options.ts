import type { StartJobOptions } from './task-options.js';

/**
 * What the section `performance` of the configuration means for a job: `enable_native` switches compiled expressions.
 *
 * @example
 * const { performance } = resolveConfig();
 * await startJob(job, { ...performanceOptions(performance) });
 */
export function performanceOptions(settings: { readonly enableNative: boolean }): Pick<StartJobOptions, 'expressions'> {
  return { expressions: settings.enableNative ? 'auto' : 'interpreted' };
}
