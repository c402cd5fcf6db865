/** What happens to a worker, as plain facts: the decorators of `telemetry.ts` turn them into spans and metrics. */
export type WorkerEvent =
  | { readonly kind: 'heartbeat'; readonly roundTripMs: number }
  | { readonly kind: 'session-lost' }
  | { readonly kind: 'session-expired'; readonly worker: string; readonly silentMs: number }
  | { readonly kind: 'elected'; readonly term: number }
  | {
      readonly kind: 'assigned';
      readonly generation: number;
      /** Tasks per cause of the change. */
      readonly placed: readonly string[];
      readonly failedOver: readonly string[];
      readonly moved: readonly string[];
      readonly removed: readonly string[];
      readonly durationMs: number;
    }
  | {
      readonly kind: 'task-started';
      readonly job: string;
      readonly task: string;
      readonly generation: number;
      readonly attempt: number;
      /** `failover`: the owner before is dead; `hand-over`: it released; `retry`: it failed; `first`: there was none. */
      readonly cause: 'first' | 'failover' | 'hand-over' | 'retry';
      /** From seeing the assignment until the task was this worker's. */
      readonly claimMs: number;
      /** From then until the runner had fenced and restored. */
      readonly startMs: number;
    }
  | {
      readonly kind: 'task-ended';
      readonly job: string;
      readonly task: string;
      readonly outcome: 'finished' | 'released' | 'fenced' | 'failed' | 'lost';
      readonly errorCode: string | undefined;
    }
  | {
      readonly kind: 'work-ended';
      readonly id: string;
      readonly workKind: string;
      readonly attempt: number;
      readonly outcome: 'done' | 'failed' | 'fenced' | 'cancelled';
      readonly durationMs: number;
      readonly trace: string | undefined;
      readonly error: unknown;
    };

export type WorkerListener = (event: WorkerEvent) => void;

/** Plain-integer facts of a worker. */
export interface WorkerStats {
  heartbeats: number;
  heartbeatFailures: number;
  sessionsExpired: number;
  sessionsLost: number;
  frozen: number;
  generationsPublished: number;
  assignmentConflicts: number;
  tasksStarted: number;
  tasksFinished: number;
  tasksReleased: number;
  tasksFailed: number;
  tasksFenced: number;
  workDone: number;
  workFailed: number;
  workFenced: number;
  /** Calls to the engine that failed and were tried again. */
  engineErrors: number;
}

/** Counts, and tells listeners; a listener that throws stops nobody. */
export class WorkerJournal {
  readonly stats: WorkerStats = {
    heartbeats: 0,
    heartbeatFailures: 0,
    sessionsExpired: 0,
    sessionsLost: 0,
    frozen: 0,
    generationsPublished: 0,
    assignmentConflicts: 0,
    tasksStarted: 0,
    tasksFinished: 0,
    tasksReleased: 0,
    tasksFailed: 0,
    tasksFenced: 0,
    workDone: 0,
    workFailed: 0,
    workFenced: 0,
    engineErrors: 0,
  };
  private readonly listeners = new Set<WorkerListener>();

  listen(listener: WorkerListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(event: WorkerEvent): void {
    for (const listener of this.listeners) {
      try {
        listener(event);
      } catch (error) {
        // Reported like any listener's failure in Node, without taking the protocol down with it.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
