import { randomBytes } from 'node:crypto';
import type { Clock } from '@sabot/stream';
import { pause } from '../clock/pause.js';
import type { Coordination, CoordinationEntry } from '../engine/engine.js';
import { clusterErrors } from '../errors.js';
import { MEMBERS, type MemberRecord, parseRecord } from '../protocol/records.js';
import type { WorkerTiming } from '../protocol/timing.js';
import type { WorkerJournal } from '../worker/worker-events.js';

export interface SessionOptions {
  readonly worker: string;
  readonly capacity: number;
  readonly jobs: readonly string[];
  readonly work: readonly string[];
  readonly coordination: Coordination;
  readonly clock: Clock;
  readonly timing: WorkerTiming;
  readonly journal: WorkerJournal;
  /** Called when others have expired this session: everything it owned is no longer its own. */
  readonly onLost: () => void;
  /** Called when a heartbeat could not be sent. */
  readonly onFailed: (error: unknown) => void;
}

/** This worker's registration: one key, rewritten with every heartbeat. */
export class Session {
  id: string;
  private readonly options: SessionOptions;
  private readonly key: string;
  private readonly startedAtMs: number;
  private state: MemberRecord['state'] = 'active';
  private revision = 0;
  private beats = 0;
  private beating: Promise<void> | undefined;
  private left = false;

  constructor(options: SessionOptions) {
    this.options = options;
    this.key = MEMBERS + options.worker;
    this.startedAtMs = options.clock.now();
    this.id = randomBytes(6).toString('hex');
  }

  /** Resolves when the first heartbeat is acknowledged. A dead member of the same name is waited out, a live one refused. */
  async register(): Promise<void> {
    const { coordination } = this.options;
    for (;;) {
      const held = await coordination.get(this.key);
      const gone = held === undefined || (await this.waitOut(held)) === 'gone';
      const revision = await coordination.put(this.key, this.record(), gone ? 0 : held.revision);
      if (revision === undefined) continue;
      this.revision = revision;
      return;
    }
  }

  /** One heartbeat; one at a time, so a slow engine is not asked twice. Never rejects. */
  beat(): Promise<void> {
    if (this.left) return Promise.resolve();
    this.beating ??= this.beatOnce().finally(() => {
      this.beating = undefined;
    });
    return this.beating;
  }

  /** Tells the leader not to give anything more to this worker. */
  async drain(): Promise<void> {
    this.state = 'draining';
    await this.beating;
    await this.beat();
  }

  /** Takes the registration back, unless somebody else holds the name by now. */
  async leave(): Promise<void> {
    this.left = true;
    await this.beating;
    await this.options.coordination.delete(this.key, this.revision);
  }

  private async beatOnce(): Promise<void> {
    const { clock, journal } = this.options;
    const sentMs = clock.monotonicMs();
    try {
      // A reply that did not come took long enough: nothing is waited for before the second try.
      const beaten = await this.put().catch(() => false);
      if (!beaten) await this.recover();
      journal.stats.heartbeats++;
      journal.tell({ kind: 'heartbeat', roundTripMs: clock.monotonicMs() - sentMs });
    } catch (error) {
      // The engine is not there now: the next tick tries again, and nobody is expired meanwhile.
      journal.stats.heartbeatFailures++;
      this.options.onFailed(error);
    }
  }

  private async put(): Promise<boolean> {
    const revision = await this.options.coordination.put(this.key, this.record(), this.revision);
    if (revision !== undefined) this.revision = revision;
    return revision !== undefined;
  }

  /** The key moved without this worker knowing: an own write whose reply was lost, or somebody expired the session. */
  private async recover(): Promise<void> {
    const { coordination, journal, worker } = this.options;
    const held = await coordination.get(this.key);
    const isOwn = held !== undefined && parseRecord<MemberRecord>(this.key, held.value).session === this.id;
    this.revision = held?.revision ?? 0;
    if (!isOwn) {
      journal.stats.sessionsLost++;
      journal.tell({ kind: 'session-lost' });
      this.options.onLost();
      if (held !== undefined) throw nameTaken(worker);
      this.id = randomBytes(6).toString('hex');
    }
    if (!(await this.put())) throw nameTaken(worker);
  }

  private async waitOut(held: CoordinationEntry): Promise<'gone' | 'silent'> {
    const { clock, coordination, timing, worker } = this.options;
    const sinceMs = clock.monotonicMs();
    while (clock.monotonicMs() - sinceMs <= timing.sessionTimeoutMs) {
      await pause(clock, timing.heartbeatMs / 2);
      const now = await coordination.get(this.key);
      if (now === undefined) return 'gone';
      if (now.revision !== held.revision) throw nameTaken(worker);
    }
    return 'silent';
  }

  private record(): string {
    const { capacity, clock, jobs, work, worker } = this.options;
    const record: MemberRecord = {
      worker,
      session: this.id,
      state: this.state,
      capacity,
      jobs,
      work,
      beat: ++this.beats,
      pid: process.pid,
      startedAtMs: this.startedAtMs,
      beatAtMs: clock.now(),
    };
    return JSON.stringify(record);
  }
}

function nameTaken(worker: string): Error {
  return clusterErrors.error('WORKER_NAME_TAKEN', {
    what: `cannot register worker "${worker}"`,
    why: 'another worker of this name is alive',
  });
}
