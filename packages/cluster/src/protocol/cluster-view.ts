import type { CoordinationChange } from '../engine/engine.js';
import {
  ASSIGNMENTS_KEY,
  type AssignmentRecord,
  JOBS,
  type JobRecord,
  LEADER_KEY,
  type LeaderRecord,
  MEMBERS,
  type MemberRecord,
  parseRecord,
  TASKS,
  type TaskRecord,
  WORK,
  type WorkRecord,
} from './records.js';

/** A record with the revision that the next write must expect. */
export interface Versioned<T> {
  readonly record: T;
  readonly revision: number;
}

const NO_ASSIGNMENTS: Versioned<AssignmentRecord> = { record: { generation: 0, tasks: {} }, revision: 0 };

/** What one worker knows of the coordination space, as its watch has told it so far. */
export class ClusterView {
  readonly members = new Map<string, Versioned<MemberRecord>>();
  readonly jobs = new Map<string, Versioned<JobRecord>>();
  /** By `job/task`. */
  readonly tasks = new Map<string, Versioned<TaskRecord>>();
  readonly work = new Map<string, Versioned<WorkRecord>>();
  leader: Versioned<LeaderRecord> | undefined;
  assignments = NO_ASSIGNMENTS;

  apply(change: CoordinationChange): void {
    const { key } = change;
    if (key === LEADER_KEY) this.leader = versioned<LeaderRecord>(change);
    else if (key === ASSIGNMENTS_KEY) this.assignments = versioned<AssignmentRecord>(change) ?? NO_ASSIGNMENTS;
    else if (key.startsWith(MEMBERS)) put(this.members, key.slice(MEMBERS.length), versioned<MemberRecord>(change));
    else if (key.startsWith(JOBS)) put(this.jobs, key.slice(JOBS.length), versioned<JobRecord>(change));
    else if (key.startsWith(TASKS)) put(this.tasks, key.slice(TASKS.length), versioned<TaskRecord>(change));
    else if (key.startsWith(WORK)) put(this.work, key.slice(WORK.length), versioned<WorkRecord>(change));
  }

  /** Forgets what is not among these keys: a watch that begins anew does not tell what was deleted meanwhile. */
  retain(keys: ReadonlySet<string>): void {
    if (!keys.has(LEADER_KEY)) this.leader = undefined;
    if (!keys.has(ASSIGNMENTS_KEY)) this.assignments = NO_ASSIGNMENTS;
    for (const name of this.members.keys()) if (!keys.has(MEMBERS + name)) this.members.delete(name);
    for (const name of this.jobs.keys()) if (!keys.has(JOBS + name)) this.jobs.delete(name);
    for (const name of this.tasks.keys()) if (!keys.has(TASKS + name)) this.tasks.delete(name);
    for (const name of this.work.keys()) if (!keys.has(WORK + name)) this.work.delete(name);
  }

  /** Whether this session is registered as far as is known. */
  isLive(worker: string | undefined, session: string | undefined): boolean {
    return worker !== undefined && this.members.get(worker)?.record.session === session;
  }
}

function versioned<T>(change: CoordinationChange): Versioned<T> | undefined {
  if (change.value === undefined) return undefined;
  return { record: parseRecord<T>(change.key, change.value), revision: change.revision };
}

function put<T>(records: Map<string, T>, name: string, record: T | undefined): void {
  if (record === undefined) records.delete(name);
  else records.set(name, record);
}
