import type { ClusterView } from '../protocol/cluster-view.js';
import type { AssignmentRecord, JobRecord, MemberRecord, Placement, TaskRecord } from '../protocol/records.js';
import { type Candidate, chooseWorker } from './choose-worker.js';

export interface PlanOptions {
  /** Whether running tasks may be moved to even out the load: not right after a join, not while a hand-over is under way. */
  readonly mayMove: boolean;
  /** Tasks moved in one generation; default 2. */
  readonly maxMoves?: number;
  /** Whether a failed task has waited long enough. */
  readonly mayRetry: (task: string, record: TaskRecord) => boolean;
}

/** What a plan changes, in the terms of telemetry. */
export interface AssignmentPlan {
  readonly record: AssignmentRecord;
  /** Tasks given to a worker because they had none or theirs is gone. */
  readonly placed: readonly string[];
  /** Tasks whose owner's session is dead. */
  readonly failedOver: readonly string[];
  readonly moved: readonly string[];
  readonly removed: readonly string[];
}

interface Worker extends Candidate {
  readonly record: MemberRecord;
  load: number;
}

/**
 * The next assignment, or undefined when the present one is right.
 *
 * Algorithm: sticky. A task stays where it is while its worker lives, is not draining and knows the job. Tasks without
 *   such a worker are placed by their job's strategy. Then, if allowed, a few tasks move from the fullest worker to the
 *   emptiest while that makes the load more even by more than one task.
 * Correctness: a pure function of the view, so any leader comes to the same plan. It gives liveness only; what keeps two
 *   owners apart is the commit register.
 */
export function planAssignment(view: ClusterView, options: PlanOptions): AssignmentPlan | undefined {
  const draft = new Draft(view);
  for (const { record: job } of [...view.jobs.values()].sort((a, b) => (a.record.job < b.record.job ? -1 : 1))) {
    for (const task of job.tasks) draft.consider(job, task, options);
  }
  draft.dropUnwanted();
  draft.placeWaiting();
  if (options.mayMove) draft.even(options.maxMoves ?? 2);
  return draft.finish();
}

class Draft {
  private readonly view: ClusterView;
  private readonly generation: number;
  private readonly workers: Worker[];
  private readonly tasks: Record<string, Placement>;
  private readonly wanted = new Map<string, JobRecord>();
  private readonly waiting: {
    readonly key: string;
    readonly job: JobRecord;
    readonly attempt: number;
    readonly avoid: string | undefined;
  }[] = [];
  private readonly placed: string[] = [];
  private readonly failedOver: string[] = [];
  private readonly moved: string[] = [];
  private readonly removed: string[] = [];
  private last: string | undefined;

  constructor(view: ClusterView) {
    this.view = view;
    this.generation = view.assignments.record.generation + 1;
    this.tasks = { ...view.assignments.record.tasks };
    const active = [...view.members.values()].filter(({ record }) => record.state === 'active');
    this.workers = active.map(({ record }) => ({
      record,
      worker: record.worker,
      capacity: record.capacity,
      load: workLoad(view, record),
    }));
    this.last = latest(Object.values(this.tasks))?.worker;
  }

  /** Keeps a good placement, or notes that the task needs one. */
  consider(job: JobRecord, task: string, options: PlanOptions): void {
    const key = `${job.job}/${task}`;
    const state = currentRecord(this.view, job, key);
    if (job.state !== 'submitted' || state?.state === 'finished') return;
    if (state !== undefined && isExhausted(job, state)) return;
    this.wanted.set(key, job);
    const placement = this.tasks[key];
    const failed = state?.state === 'failed' && state.since === placement?.since;
    const worker = placement && this.workerOf(placement, job);
    if (worker !== undefined && !failed) {
      worker.load++;
      return;
    }
    if (failed && !options.mayRetry(key, state)) return;
    if (placement !== undefined && !this.view.isLive(placement.worker, placement.session)) this.failedOver.push(key);
    delete this.tasks[key];
    this.waiting.push({ key, job, attempt: (state?.failures ?? 0) + 1, avoid: failed ? placement?.worker : undefined });
  }

  dropUnwanted(): void {
    for (const key of Object.keys(this.tasks)) {
      if (this.wanted.has(key)) continue;
      delete this.tasks[key];
      this.removed.push(key);
    }
  }

  placeWaiting(): void {
    for (const { key, job, attempt, avoid } of this.waiting) {
      const able = this.workers.filter(({ record }) => record.jobs.includes(job.job));
      const others = able.filter(({ worker, load, capacity }) => worker !== avoid && load < capacity);
      const chosen = chooseWorker(others.length > 0 ? others : able, {
        strategy: job.strategy,
        seed: `${key}#${attempt}`,
        after: this.last,
      });
      if (chosen === undefined) continue;
      this.give(key, chosen.worker, attempt);
      this.placed.push(key);
    }
  }

  /** Moves tasks from the fullest to the emptiest worker that can take them, while it evens the load by more than one task. */
  even(maxMoves: number): void {
    for (let moves = 0; moves < maxMoves; moves++) {
      const move = this.bestMove();
      if (move === undefined) return;
      const from = this.workers.find(({ worker }) => worker === this.tasks[move.key]?.worker) as Worker;
      from.load--;
      this.give(move.key, move.to, this.tasks[move.key]?.attempt ?? 1);
      this.moved.push(move.key);
    }
  }

  finish(): AssignmentPlan | undefined {
    const { placed, failedOver, moved, removed } = this;
    if (placed.length + failedOver.length + moved.length + removed.length === 0 && this.unchanged()) return undefined;
    return { record: { generation: this.generation, tasks: this.tasks }, placed, failedOver, moved, removed };
  }

  /** A task taken from a draining worker without a new one changes the assignment, too. */
  private unchanged(): boolean {
    return Object.keys(this.view.assignments.record.tasks).every((key) => key in this.tasks);
  }

  private bestMove(): { readonly key: string; readonly to: string } | undefined {
    const byShare = [...this.workers].sort(
      (a, b) => b.load / b.capacity - a.load / a.capacity || (a.worker < b.worker ? -1 : 1),
    );
    for (const from of byShare) {
      const keys = Object.keys(this.tasks).filter(
        (key) => this.tasks[key]?.worker === from.worker && !this.moved.includes(key),
      );
      for (const to of [...byShare].reverse()) {
        // One task less here must still be more than one task more there.
        if ((from.load - 1) / from.capacity < (to.load + 1) / to.capacity || to.load >= to.capacity) continue;
        const key = keys.find((candidate) => to.record.jobs.includes(candidate.slice(0, candidate.indexOf('/'))));
        if (key !== undefined && to !== from) return { key, to: to.worker };
      }
    }
    return undefined;
  }

  private give(key: string, worker: string, attempt: number): void {
    const chosen = this.workers.find((candidate) => candidate.worker === worker) as Worker;
    chosen.load++;
    this.last = worker;
    this.tasks[key] = { worker, session: chosen.record.session, since: this.generation, attempt };
  }

  private workerOf(placement: Placement, job: JobRecord): Worker | undefined {
    return this.workers.find(
      ({ record }) =>
        record.worker === placement.worker && record.session === placement.session && record.jobs.includes(job.job),
    );
  }
}

/** The task's record, if it belongs to the job's present submission. */
export function currentRecord(view: ClusterView, job: JobRecord, key: string): TaskRecord | undefined {
  const record = view.tasks.get(key)?.record;
  return record?.submission === job.submission ? record : undefined;
}

/** Whether a failed task is not to be tried again: often enough, or a mistake that trying again cannot mend. */
export function isExhausted(job: JobRecord, task: TaskRecord): boolean {
  return task.state === 'failed' && (task.failures >= job.maxAttempts || task.failure?.usage === true);
}

function workLoad(view: ClusterView, member: MemberRecord): number {
  let load = 0;
  for (const { record } of view.work.values()) {
    if (record.session === member.session && (record.state === 'assigned' || record.state === 'running')) load++;
  }
  return load;
}

function latest(placements: readonly Placement[]): Placement | undefined {
  return placements.reduce<Placement | undefined>(
    (best, p) => (best === undefined || p.since > best.since ? p : best),
    undefined,
  );
}
