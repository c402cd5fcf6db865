import type { Versioned } from '../protocol/cluster-view.js';
import { failureRecord } from '../protocol/failure-record.js';
import { WORK, type WorkRecord } from '../protocol/records.js';
import type { WorkerJournal } from '../worker/worker-events.js';
import type { ResolvedWorkerOptions, WorkExecutor } from '../worker/worker-options.js';

export interface WorkSlotOptions {
  readonly worker: ResolvedWorkerOptions;
  readonly journal: WorkerJournal;
  readonly assigned: Versioned<WorkRecord>;
  readonly executor: WorkExecutor;
}

/**
 * One piece of one-off work on its worker: begin, execute, hand in.
 *
 * Correctness: beginning and handing in are compare-and-sets on the work's own record. A worker whose session was
 *   expired meanwhile finds the record changed and its result is discarded, so exactly one result is ever accepted.
 *   The execution itself may have happened more than once.
 */
export class WorkSlot {
  /** Resolves when the worker is done with it. Never rejects. */
  readonly ended: Promise<void>;
  private readonly options: WorkSlotOptions;
  private readonly stop = new AbortController();

  constructor(options: WorkSlotOptions) {
    this.options = options;
    this.ended = this.live();
  }

  abort(): void {
    this.stop.abort();
  }

  private async live(): Promise<void> {
    const { assigned, journal, worker } = this.options;
    const startedMs = worker.clock.monotonicMs();
    const { id, kind: workKind, attempt, trace } = assigned.record;
    const { outcome, error } = await this.execute();
    this.count(outcome);
    const durationMs = worker.clock.monotonicMs() - startedMs;
    journal.tell({ kind: 'work-ended', id, workKind, attempt, outcome, durationMs, trace, error });
  }

  private async execute(): Promise<{
    readonly outcome: 'done' | 'failed' | 'fenced' | 'cancelled';
    readonly error?: unknown;
  }> {
    const { assigned, executor, worker } = this.options;
    const { id, kind, attempt, input, trace } = assigned.record;
    const running: WorkRecord = { ...assigned.record, state: 'running' };
    const revision = await this.store(running, assigned.revision);
    if (revision === undefined) return { outcome: 'fenced' };
    const context = { id, kind, attempt, worker: worker.name, signal: this.stop.signal, trace };
    try {
      const result: unknown = await executor(input, context);
      const stored = await this.store(
        { ...running, state: 'done', ...(result === undefined ? {} : { result }) },
        revision,
      );
      return { outcome: stored === undefined ? this.discarded() : 'done' };
    } catch (error) {
      const stored = await this.store(afterFailure(running, error), revision);
      return { outcome: stored === undefined ? this.discarded() : 'failed', error };
    }
  }

  private discarded(): 'fenced' | 'cancelled' {
    return this.stop.signal.aborted ? 'cancelled' : 'fenced';
  }

  private async store(record: WorkRecord, expected: number): Promise<number | undefined> {
    const { journal, worker } = this.options;
    try {
      return await worker.engine.coordination.put(WORK + record.id, JSON.stringify(record), expected);
    } catch {
      // The engine is gone: this worker's session ends, and the leader gives the work to another.
      journal.stats.engineErrors++;
      return undefined;
    }
  }

  private count(outcome: 'done' | 'failed' | 'fenced' | 'cancelled'): void {
    const { stats } = this.options.journal;
    if (outcome === 'done') stats.workDone++;
    else if (outcome === 'failed') stats.workFailed++;
    else if (outcome === 'fenced') stats.workFenced++;
  }
}

/** Tried again unless that was the last attempt, or the caller's mistake. */
function afterFailure(record: WorkRecord, error: unknown): WorkRecord {
  const failure = failureRecord(error);
  if (record.attempt >= record.maxAttempts || failure.usage) return { ...record, state: 'failed', failure };
  const { worker: _worker, session: _session, ...waiting } = record;
  return { ...waiting, state: 'submitted', attempt: record.attempt + 1, failure };
}
