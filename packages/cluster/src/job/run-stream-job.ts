import { type RunningJob, type StartJobOptions, startJob } from '@sabot/stream';
import type { TaskAssignment, TaskRunner } from '../worker/worker-options.js';

/** A job, or a `jobModule` where it is to run on several threads. */
type StartableJob = Parameters<typeof startJob>[0];

/** What `startJob` takes, except what the worker gives; `intervalMs` is the time between two checkpoints, default 1000 ms. */
export interface StreamJobOptions extends Omit<StartJobOptions, 'checkpoint' | 'owner' | 'signal'> {
  readonly intervalMs?: number;
  /** Called with the running job, for progress and status. */
  readonly onStarted?: (running: RunningJob, assignment: TaskAssignment) => void;
}

/**
 * Runs a stream job as a worker's task: fenced by the task's own commit register, checkpointed into the engine's
 * snapshots, stopped when the assignment ends. `make` is called once per start, so that each start has fresh operators.
 */
export function runStreamJob(
  make: (assignment: TaskAssignment) => StartableJob | Promise<StartableJob>,
  options: StreamJobOptions = {},
): TaskRunner {
  const { intervalMs = 1000, onStarted, ...rest } = options;
  return async (assignment) => {
    const { owner, register, signal, snapshots } = assignment;
    const job = await make(assignment);
    const running = await startJob(job, { ...rest, owner, signal, checkpoint: { register, snapshots, intervalMs } });
    onStarted?.(running, assignment);
    return running;
  };
}
