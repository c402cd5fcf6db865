import type { ClusterView } from '../protocol/cluster-view.js';
import { WorkSlot } from '../work/work-slot.js';
import { TaskSlot } from './task-slot.js';
import type { WorkerJournal } from './worker-events.js';
import type { ResolvedWorkerOptions } from './worker-options.js';

export interface SlotsOptions {
  readonly worker: ResolvedWorkerOptions;
  readonly journal: WorkerJournal;
  readonly view: ClusterView;
  readonly session: () => string;
}

/** A task that is at a worker now. */
export interface HeldTask {
  /** `job/task`. */
  readonly task: string;
  readonly phase: 'claiming' | 'running' | 'ended';
  readonly generation: number;
  /** Since the task's last commit by this worker, undefined before the first. */
  readonly commitAgeMs: number | undefined;
}

/** What a drained worker had, and what became of it. */
export interface DrainReport {
  /** Tasks (`job/task`) that finished their commit and were given up, or ended by themselves. */
  readonly released: readonly string[];
  /** Tasks and work that did not end in time: their next owner goes on from the last commit. */
  readonly abandoned: readonly string[];
}

/** The tasks and work that are at this worker, kept equal to what the assignment says. */
export class Slots {
  private readonly options: SlotsOptions;
  private readonly tasks = new Map<string, TaskSlot>();
  private readonly work = new Map<string, WorkSlot>();
  private draining = false;

  constructor(options: SlotsOptions) {
    this.options = options;
  }

  list(): readonly HeldTask[] {
    const nowMs = this.options.worker.clock.monotonicMs();
    const live = [...this.tasks.values()].filter((slot) => slot.phase !== 'ended');
    return live.map(({ committedAtMs, key, phase, placement }) => ({
      task: key,
      phase,
      generation: placement.since,
      commitAgeMs: committedAtMs === undefined ? undefined : nowMs - committedAtMs,
    }));
  }

  /** Starts what is assigned and not here; revokes what is here and not assigned. */
  reconcile(): void {
    if (this.draining) return;
    this.reconcileTasks();
    this.reconcileWork();
  }

  /** The session is dead: everything stops at once. */
  loseAll(): void {
    for (const slot of this.tasks.values()) slot.lose();
    for (const slot of this.work.values()) slot.abort();
    this.tasks.clear();
    this.work.clear();
  }

  /** Revokes everything and waits; work that is under way may finish within the deadline. */
  async drain(deadlineMs: number, expired: Promise<unknown>): Promise<DrainReport> {
    this.draining = true;
    const open = new Set<string>();
    const follow = (key: string, ended: Promise<void>): Promise<void> => {
      open.add(key);
      return ended.then(() => void open.delete(key));
    };
    const tasks = [...this.tasks.values()].filter((slot) => slot.phase !== 'ended');
    for (const slot of tasks) slot.revoke(deadlineMs);
    const all = tasks.map((slot) => follow(slot.key, slot.ended));
    for (const [id, slot] of this.work) all.push(follow(`work ${id}`, slot.ended));
    await Promise.race([Promise.all(all), expired]);
    const abandoned = [...open];
    return { released: tasks.map((slot) => slot.key).filter((key) => !abandoned.includes(key)), abandoned };
  }

  private reconcileTasks(): void {
    const { view } = this.options;
    const session = this.options.session();
    for (const [key, slot] of this.tasks) {
      const placement = view.assignments.record.tasks[key];
      if (placement?.since === slot.placement.since && placement.session === session) continue;
      slot.revoke();
      if (slot.phase === 'ended') this.tasks.delete(key);
    }
    for (const [key, placement] of Object.entries(view.assignments.record.tasks)) {
      if (placement.session === session && !this.tasks.has(key)) this.start(key);
    }
  }

  private start(key: string): void {
    const { journal, view, worker } = this.options;
    const [name, task] = key.split('/') as [string, string];
    const placement = view.assignments.record.tasks[key];
    const job = view.jobs.get(name)?.record;
    const runner = worker.jobs[name];
    if (placement === undefined || job === undefined || runner === undefined) return;
    const session = this.options.session();
    const slot = new TaskSlot({
      worker,
      journal,
      view,
      session,
      job: name,
      task,
      submission: job.submission,
      placement,
      runner,
    });
    this.tasks.set(key, slot);
  }

  private reconcileWork(): void {
    const { view, worker } = this.options;
    const session = this.options.session();
    for (const [id, slot] of this.work) {
      const record = view.work.get(id)?.record;
      if (record?.session !== session || record.state === 'cancelled') slot.abort();
    }
    for (const [id, { record, revision }] of view.work) {
      const executor = worker.work[record.kind];
      if (record.state !== 'assigned' || record.session !== session || executor === undefined) continue;
      const key = `${id}#${record.attempt}`;
      if (this.work.has(id) || this.begun.has(key)) continue;
      this.begin(
        id,
        key,
        new WorkSlot({ worker, journal: this.options.journal, assigned: { record, revision }, executor }),
      );
    }
  }

  /** Attempts under way or just ended here, until the view has caught up: the same one must not begin twice. */
  private readonly begun = new Set<string>();

  private begin(id: string, key: string, slot: WorkSlot): void {
    this.work.set(id, slot);
    this.begun.add(key);
    void slot.ended.then(() => {
      this.work.delete(id);
      for (const old of this.begun)
        if (!this.options.view.work.has(old.slice(0, old.indexOf('#')))) this.begun.delete(old);
    });
  }
}
