import type { InstanceFacts } from '../lanes/instance-facts.js';
import type { SnapshotCollector } from '../snapshot-collector.js';

/** What a thread tells the job that it works for. */
export interface LaneThreadEvents {
  readonly collector: SnapshotCollector;
  readonly onSourceExhausted: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** Another thread that runs lanes of a job, as the main thread sees it. */
export interface LaneThread {
  /** As last reported. */
  readonly facts: readonly InstanceFacts[];
  readonly ordering: boolean;
  attach(events: LaneThreadEvents): void;
  start(): void;
  inject(epoch: number, final: boolean): void;
  stopReading(): void;
  /** Stops the lanes, closes what they have open and ends the thread; resolves with the first failure, if any. */
  close(finished: boolean): Promise<unknown>;
}
