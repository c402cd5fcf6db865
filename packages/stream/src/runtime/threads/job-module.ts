import { streamErrors } from '../../errors.js';
import type { Job, OpenStateOf } from '../../plan/job.js';

/** A job with what every thread that runs lanes of it needs beside its plan. */
export interface JobSetup {
  readonly job: Job;
  /** Opens keyed state on the thread that it is used on; default in memory. */
  readonly stateStore?: OpenStateOf;
}

/** A job that any thread can describe for itself. */
export interface JobModule {
  readonly kind: 'job-module';
  readonly module: string;
  readonly exportName: string;
  readonly argument: unknown;
}

export interface JobModuleOptions {
  /** Which export of the module describes the job; default its default export. */
  readonly exportName?: string;
}

/**
 * A job described by a function that a module exports, so that it can run on several threads: each imports the module
 * and calls the function, `(argument) => Job | JobSetup` or a promise of it, which must describe the same plan each time.
 * `argument` is handed to every thread as `structuredClone` would copy it.
 *
 * @example
 * const flights = jobModule(new URL('./flights-job.js', import.meta.url), { path: 'flights.parquet' });
 * const running = await startJob(flights, { parallelism: 2 });
 */
export function jobModule(url: URL, argument?: unknown, { exportName = 'default' }: JobModuleOptions = {}): JobModule {
  return { kind: 'job-module', module: url.href, exportName, argument };
}

/** What the module describes on this thread. Fails with `SABOT_STREAM_NOT_A_JOB_MODULE`. */
export async function setupOf(job: Job | JobModule): Promise<JobSetup> {
  if (!isJobModule(job)) return { job };
  const { module, exportName, argument } = job;
  const exports = (await import(/* @vite-ignore */ module)) as Record<string, unknown>;
  // CommonJS seen from ESM: `module.exports` is the default export.
  const inner = exports['default'] as Record<string, unknown> | undefined;
  const build = [exports[exportName], inner?.[exportName], inner].find((candidate) => typeof candidate === 'function');
  if (build === undefined) throw notAModule(module, `it does not export a function "${exportName}"`);
  const made = (await (build as (argument: unknown) => unknown)(structuredClone(argument))) as
    | Job
    | JobSetup
    | undefined;
  if (made !== undefined && 'job' in made) return made;
  if (made?.plan !== undefined) return { job: made };
  throw notAModule(module, `what its function "${exportName}" gives is not a job`);
}

/** Whether it is described by a module. */
export function isJobModule(job: Job | JobModule): job is JobModule {
  return 'kind' in job && job.kind === 'job-module';
}

function notAModule(module: string, why: string) {
  return streamErrors.error('NOT_A_JOB_MODULE', { what: `cannot start the job of ${module}`, why });
}
