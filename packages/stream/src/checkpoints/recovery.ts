import { randomUUID } from 'node:crypto';
import type { SnapshotStore, StateSnapshotBytes } from '@sabot/state';
import { streamErrors } from '../errors.js';
import type { Plan } from '../plan/plan.js';
import type { Clock } from '../ports/clock.js';
import type { CommitRecord, CommitRegister } from '../ports/commit-register.js';
import { nodeIdOf } from '../runtime/lanes/lane-plan.js';
import { advanceRegister } from './advance-register.js';
import { assertLayout, layoutOf } from './layout.js';
import { decodeSnapshot } from './snapshot-blob.js';
import { SnapshotChain } from './snapshot-chain.js';

/** What an operator is restored from. */
export interface RestoredOperator {
  readonly bytes: Uint8Array | undefined;
  /** A whole snapshot of its keyed state, then what changed. */
  readonly chain: readonly StateSnapshotBytes[];
}

/** What the lanes of a job are restored from. */
export interface Restored {
  /** The record as fenced: this owner's. */
  readonly record: CommitRecord;
  /** By instance. */
  readonly operators: ReadonlyMap<string, RestoredOperator>;
}

/** Where a job goes on. */
export interface Recovery extends Restored {
  readonly revision: number;
  readonly chain: SnapshotChain;
}

export interface RecoveryRequest {
  readonly plan: Plan;
  readonly owner: string;
  readonly register: CommitRegister;
  readonly snapshots: SnapshotStore;
  readonly clock: Clock;
  readonly lanes: LanesWanted;
}

/** How many lanes a start asks for. */
export interface LanesWanted {
  /** Undefined: as many as the job has had. */
  readonly exactly: number | undefined;
  readonly least: number;
  /** For a job that has had none; default `least`. */
  readonly fresh?: number;
}

/**
 * Reads the register and takes the task over: the epoch advances by compare-and-set before anything is restored, so
 * that every older owner's commit fails from here. `finished`: nothing is left to do and the register is untouched.
 */
export async function recover(request: RecoveryRequest): Promise<Recovery | 'finished'> {
  const { plan, register, snapshots, clock } = request;
  const committed = await register.read();
  if (committed !== undefined && committed.record.job !== plan.job) {
    throw streamErrors.error('JOB_MISMATCH', {
      what: `cannot start job "${plan.job}"`,
      why: `its register holds commits of job "${committed.record.job}"`,
    });
  }
  if (committed?.record.finished === true) return 'finished';
  const chain = new SnapshotChain();
  const operators = committed === undefined ? new Map() : await readOperators(committed.record, snapshots, chain);
  if (committed !== undefined) assertLayout(plan, committed.record.layout, statefulIds(committed.record, operators));
  const record = fenceRecord(request, committed?.record, lanesOf(request, committed?.record));
  const revision = await advanceRegister(register, record, committed?.revision ?? 0, clock);
  return { record, revision, operators, chain };
}

/** State is kept per lane and never cut: the number that a job began with is its number. */
function lanesOf({ plan, lanes }: RecoveryRequest, former: CommitRecord | undefined): number {
  const { exactly, least, fresh = least } = lanes;
  if (former === undefined || Object.keys(former.positions).length === 0) return exactly ?? fresh;
  const kept = former.lanes ?? 1;
  if (kept >= least && (exactly === undefined || exactly === kept)) return kept;
  throw streamErrors.error('LANES_FIXED', {
    what: `cannot start job "${plan.job}" ${exactly === undefined ? `on ${least} threads` : `in ${exactly} lanes`}`,
    why: `its checkpoint keeps the state of ${kept === 1 ? 'one lane' : `${kept} lanes`}`,
    facts: { wanted: exactly ?? least, kept },
  });
}

function fenceRecord(
  { plan, owner, clock }: RecoveryRequest,
  former: CommitRecord | undefined,
  lanes: number,
): CommitRecord {
  const fresh = { positions: {}, watermarks: {}, snapshots: [], sinks: {}, layout: layoutOf(plan) };
  return {
    ...(former ?? fresh),
    version: 1,
    job: plan.job,
    task: 'main',
    epoch: (former?.epoch ?? 0) + 1,
    owner,
    attempt: randomUUID(),
    ...(lanes === 1 ? {} : { lanes }),
    finished: false,
    committedAtMs: clock.now(),
  };
}

function statefulIds(record: CommitRecord, operators: ReadonlyMap<string, RestoredOperator>): ReadonlySet<string> {
  const kept = [...operators].filter(([, { bytes, chain }]) => bytes !== undefined || chain.length > 0);
  return new Set([...Object.keys(record.positions), ...Object.keys(record.sinks), ...kept.map(([id]) => nodeIdOf(id))]);
}

async function readOperators(
  record: CommitRecord,
  snapshots: SnapshotStore,
  chain: SnapshotChain,
): Promise<Map<string, RestoredOperator>> {
  const operators = new Map<string, { bytes: Uint8Array | undefined; chain: StateSnapshotBytes[] }>();
  for (const name of record.snapshots) {
    const parts = decodeSnapshot(name, await snapshots.get(name));
    chain.append(name, parts);
    for (const { id, operator, state } of parts) {
      const former = operators.get(id)?.chain ?? [];
      const entry = state === undefined ? [] : [{ epoch: state.epoch, bytes: state.bytes }];
      operators.set(id, { bytes: operator, chain: state?.baseEpoch === null ? entry : [...former, ...entry] });
    }
  }
  return operators;
}
