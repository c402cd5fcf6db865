import type { ClusterView } from '../protocol/cluster-view.js';
import type { DrainReport, HeldTask } from './slots.js';
import type { WorkerListener, WorkerStats } from './worker-events.js';

export interface DrainOptions {
  /** After it, what has not ended is abandoned; default 20000 ms. */
  readonly deadlineMs?: number;
}

/** What a worker is doing right now. */
export interface WorkerStatus {
  readonly name: string;
  readonly session: string;
  readonly state: 'new' | 'active' | 'draining' | 'ended';
  readonly leader: boolean;
  /** Whether it cannot trust what it hears, and therefore expires nobody. */
  readonly frozen: boolean;
  /** Workers alive as far as it knows. */
  readonly nodes: number;
  readonly generation: number;
  readonly tasks: readonly HeldTask[];
  readonly stats: Readonly<WorkerStats>;
}

/** A member of the cluster that takes tasks and work from the engine. */
export interface Worker extends AsyncDisposable {
  readonly name: string;
  /** Registers the worker; resolves when its first heartbeat is acknowledged. Fails with `SABOT_CLUSTER_WORKER_NAME_TAKEN`. */
  start(): Promise<void>;
  /** Revokes everything, waits for the commits, and leaves. Idempotent. */
  drain(options?: DrainOptions): Promise<DrainReport>;
  status(): WorkerStatus;
  /** Calls back on what happens, until the returned function is called. */
  listen(listener: WorkerListener): () => void;
  /** What the worker knows of the cluster. */
  readonly view: ClusterView;
}
