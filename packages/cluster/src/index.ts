export { type EmbeddedEngineOptions, openEmbeddedEngine } from './embedded/open-embedded-engine.js';
export type { Coordination, CoordinationChange, CoordinationEntry, Engine } from './engine/engine.js';
export { type ReadBackOptions, withReadBack } from './engine/read-back.js';
export type { LocalEngine } from './engine/table-engine.js';
export { clusterErrors } from './errors.js';
export {
  type ClusterStatus,
  clusterStatus,
  type JobStatus,
  type NodeStatus,
  type TaskStatus,
  type WorkStatus,
} from './inspect/cluster-status.js';
export { type EngineFolderStatus, readEngineFolder } from './inspect/read-engine-folder.js';
export { runStreamJob, type StreamJobOptions } from './job/run-stream-job.js';
export {
  cancelJob,
  removeJob,
  type SubmitOptions,
  type SubmittedJob,
  submitJob,
  type WaitOptions,
  waitForJob,
} from './job/submit-job.js';
export { createMemoryEngine } from './memory/memory-engine.js';
export type { PlacementStrategy } from './protocol/records.js';
export type { WorkerTiming } from './protocol/timing.js';
export {
  clusterTelemetry,
  instrumentDistribution,
  instrumentEngine,
  instrumentExecutors,
  instrumentWorker,
} from './telemetry.js';
export { type DistributedWork, type DistributeOptions, distributeWork, workHandle } from './work/distribute-work.js';
export { createWorker } from './worker/create-worker.js';
export type { DrainReport, HeldTask } from './worker/slots.js';
export type { DrainOptions, Worker, WorkerStatus } from './worker/worker.js';
export type { WorkerEvent, WorkerListener, WorkerStats } from './worker/worker-events.js';
export type {
  RunningTask,
  TaskAssignment,
  TaskOutcome,
  TaskRunner,
  WorkContext,
  WorkExecutor,
  WorkerOptions,
} from './worker/worker-options.js';
