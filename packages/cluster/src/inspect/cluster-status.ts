import type { CommitRecord } from '@sabot/stream/ports';
import type { CoordinationEntry, Engine } from '../engine/engine.js';
import { currentRecord } from '../placement/plan-assignment.js';
import { ClusterView } from '../protocol/cluster-view.js';
import type { FailureRecord } from '../protocol/failure-record.js';
import type {
  JobRecord,
  JobState,
  MemberRecord,
  PlacementStrategy,
  TaskRecord,
  WorkState,
} from '../protocol/records.js';

export interface NodeStatus {
  readonly worker: string;
  readonly session: string;
  readonly state: 'active' | 'draining';
  readonly leader: boolean;
  readonly capacity: number;
  /** Tasks assigned to it. */
  readonly tasks: number;
  readonly pid: number;
  readonly startedAtMs: number;
  readonly beatAtMs: number;
}

export interface JobStatus {
  readonly job: string;
  readonly state: JobState;
  readonly strategy: PlacementStrategy;
  readonly tasks: number;
  readonly finished: number;
  readonly failure?: FailureRecord;
  readonly submittedAtMs: number;
}

export interface TaskStatus {
  readonly job: string;
  readonly task: string;
  /** `waiting`: no worker has it. */
  readonly state: TaskRecord['state'] | 'waiting' | 'assigned';
  readonly worker: string | undefined;
  readonly failures: number;
  readonly failure?: FailureRecord;
  /** The task's last commit, undefined before the first. */
  readonly committed:
    | { readonly epoch: number; readonly owner: string; readonly atMs: number; readonly finished: boolean }
    | undefined;
}

export interface WorkStatus {
  readonly id: string;
  readonly kind: string;
  readonly state: WorkState;
  readonly worker: string | undefined;
  readonly attempt: number;
  readonly submittedAtMs: number;
}

/** Everything the coordination space and the commit registers say about a cluster, at one moment. */
export interface ClusterStatus {
  readonly leader: string | undefined;
  readonly generation: number;
  readonly nodes: readonly NodeStatus[];
  readonly jobs: readonly JobStatus[];
  readonly tasks: readonly TaskStatus[];
  readonly work: readonly WorkStatus[];
}

/** Reads a task's commit record. */
export type ReadCommit = (job: string, task: string) => Promise<CommitRecord | undefined>;

export async function clusterStatus(engine: Engine): Promise<ClusterStatus> {
  const readCommit: ReadCommit = async (job, task) => (await engine.register(job, task).read())?.record;
  return statusOf(await engine.coordination.list(''), readCommit);
}

/** The status that these entries describe. */
export async function statusOf(entries: readonly CoordinationEntry[], readCommit: ReadCommit): Promise<ClusterStatus> {
  const view = new ClusterView();
  for (const entry of entries) view.apply(entry);
  return {
    leader:
      view.leader && view.isLive(view.leader.record.worker, view.leader.record.session)
        ? view.leader.record.worker
        : undefined,
    generation: view.assignments.record.generation,
    nodes: [...view.members.values()].map(({ record }) => nodeStatus(view, record)),
    jobs: [...view.jobs.values()].map(({ record }) => jobStatus(view, record)),
    tasks: await taskStatuses(view, readCommit),
    work: [...view.work.values()].map(({ record: { id, kind, state, worker, attempt, submittedAtMs } }) => ({
      id,
      kind,
      state,
      worker,
      attempt,
      submittedAtMs,
    })),
  };
}

function nodeStatus(view: ClusterView, record: MemberRecord): NodeStatus {
  const placements = Object.values(view.assignments.record.tasks);
  const { worker, session, state, capacity, pid, startedAtMs, beatAtMs } = record;
  return {
    worker,
    session,
    state,
    leader: view.leader?.record.session === session,
    capacity,
    tasks: placements.filter((placement) => placement.session === session).length,
    pid,
    startedAtMs,
    beatAtMs,
  };
}

function jobStatus(view: ClusterView, record: JobRecord): JobStatus {
  const { failure, job, state, strategy, submittedAtMs, tasks } = record;
  const finished = tasks.filter((task) => currentRecord(view, record, `${job}/${task}`)?.state === 'finished').length;
  return {
    job,
    state,
    strategy,
    tasks: tasks.length,
    finished,
    submittedAtMs,
    ...(failure === undefined ? {} : { failure }),
  };
}

async function taskStatuses(view: ClusterView, readCommit: ReadCommit): Promise<readonly TaskStatus[]> {
  const statuses: TaskStatus[] = [];
  for (const { record: job } of view.jobs.values()) {
    for (const task of job.tasks) statuses.push(await taskStatus(view, job.job, task, readCommit));
  }
  return statuses;
}

async function taskStatus(view: ClusterView, job: string, task: string, readCommit: ReadCommit): Promise<TaskStatus> {
  const key = `${job}/${task}`;
  const record = view.tasks.get(key)?.record;
  const placement = view.assignments.record.tasks[key];
  const commit = await readCommit(job, task);
  const running =
    record?.state === 'running' && !view.isLive(record.worker, record.session) ? 'waiting' : record?.state;
  return {
    job,
    task,
    state: running ?? (placement === undefined ? 'waiting' : 'assigned'),
    worker: record?.worker ?? placement?.worker,
    failures: record?.failures ?? 0,
    ...(record?.failure === undefined ? {} : { failure: record.failure }),
    committed: commit && {
      epoch: commit.epoch,
      owner: commit.owner,
      atMs: commit.committedAtMs,
      finished: commit.finished,
    },
  };
}
