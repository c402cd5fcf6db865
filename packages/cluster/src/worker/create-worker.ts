import { isSabotError } from '@sabot/core-observability/errors';
import { pause } from '../clock/pause.js';
import type { CoordinationChange } from '../engine/engine.js';
import { clusterErrors } from '../errors.js';
import { Session } from '../member/session.js';
import { SessionObserver } from '../member/session-observer.js';
import { ClusterView } from '../protocol/cluster-view.js';
import { MEMBERS, type MemberRecord, parseRecord } from '../protocol/records.js';
import { Leader } from './leader.js';
import { type DrainReport, Slots } from './slots.js';
import type { DrainOptions, Worker, WorkerStatus } from './worker.js';
import { WorkerJournal, type WorkerListener } from './worker-events.js';
import { type ResolvedWorkerOptions, resolveWorkerOptions, type WorkerOptions } from './worker-options.js';

/**
 * A worker that takes tasks and one-off work from an engine once started.
 *
 * Any number of workers, in one process or many, share an engine. Each sends heartbeats, watches the others, and expires
 * those that fall silent; one is the leader and decides who runs what. Fails with `SABOT_CLUSTER_OPTIONS_INVALID` or
 * `SABOT_CLUSTER_KEY_INVALID` on unusable options.
 *
 * @example
 * const worker = createWorker({ engine, name: 'w1', jobs: { flights: runStreamJob(() => job, { intervalMs: 1000 }) } });
 * await worker.start();
 */
export function createWorker(options: WorkerOptions): Worker {
  return createWorkerOf(resolveWorkerOptions(options));
}

/** With options that have been checked; simulations leave a check out on purpose. */
export function createWorkerOf(options: ResolvedWorkerOptions): Worker {
  return new EngineWorker(options);
}

const GONE = new Set([clusterErrors.code('ENGINE_CLOSED'), clusterErrors.code('ENGINE_LOCK_LOST')]);

class EngineWorker implements Worker {
  readonly name: string;
  readonly view = new ClusterView();
  private readonly options: ResolvedWorkerOptions;
  private readonly journal = new WorkerJournal();
  private readonly observer: SessionObserver;
  private readonly session: Session;
  private readonly leader: Leader;
  private readonly slots: Slots;
  private readonly left = new AbortController();
  private state: WorkerStatus['state'] = 'new';
  private stepping: Promise<void> | undefined;
  private stepAgain = false;
  private draining: Promise<DrainReport> | undefined;

  constructor(options: ResolvedWorkerOptions) {
    const { capacity, clock, engine, jobs, name, timing, work } = options;
    const { coordination } = engine;
    const { journal } = this;
    const session = (): string => this.session.id;
    this.name = name;
    this.options = options;
    this.observer = new SessionObserver(timing);
    this.slots = new Slots({ worker: options, journal, view: this.view, session });
    this.leader = new Leader({ worker: name, session, coordination, clock, timing, journal });
    this.session = new Session({
      worker: name,
      capacity,
      jobs: Object.keys(jobs),
      work: Object.keys(work),
      coordination,
      clock,
      timing,
      journal,
      onLost: () => this.slots.loseAll(),
      onFailed: (error) => this.engineFailed(error),
    });
  }

  async start(): Promise<void> {
    if (this.state !== 'new') throw this.wrongState('start', `it is ${this.state}`);
    this.state = 'active';
    try {
      await this.session.register();
    } catch (error) {
      this.state = 'ended';
      throw error;
    }
    void this.watch();
    void this.tick();
  }

  drain(options: DrainOptions = {}): Promise<DrainReport> {
    this.draining ??= this.drainOnce(options.deadlineMs ?? 20_000);
    return this.draining;
  }

  status(): WorkerStatus {
    const { journal, observer, slots, state, view } = this;
    return {
      name: this.name,
      session: this.session.id,
      state,
      leader: state !== 'ended' && this.leader.isLeader(view),
      frozen: observer.isFrozen(this.options.clock.monotonicMs()),
      nodes: view.members.size,
      generation: view.assignments.record.generation,
      tasks: slots.list(),
      stats: { ...journal.stats, frozen: observer.frozenTimes },
    };
  }

  listen(listener: WorkerListener): () => void {
    return this.journal.listen(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
  }

  private async drainOnce(deadlineMs: number): Promise<DrainReport> {
    if (this.state === 'new' || this.state === 'ended') {
      this.state = 'ended';
      return { released: [], abandoned: [] };
    }
    const { clock } = this.options;
    this.state = 'draining';
    const expired = pause(clock, deadlineMs, this.left.signal);
    await Promise.race([this.session.drain(), expired]);
    const report = await this.slots.drain(deadlineMs, expired);
    // Whoever cannot be told finds out by the session's silence.
    const leaving = this.leader.abdicate(this.view).then(() => this.session.leave());
    await Promise.race([leaving.catch(() => undefined), expired]);
    this.slots.loseAll();
    this.state = 'ended';
    this.left.abort();
    return report;
  }

  /** An engine that was closed does not come back: the worker ends, so that its timers do not keep the process. */
  private engineFailed(error: unknown): void {
    if (!isSabotError(error) || !GONE.has(error.code)) return;
    this.slots.loseAll();
    this.state = 'ended';
    this.left.abort();
  }

  /** Heartbeats, and a look at the clock, until the worker has left. */
  private async tick(): Promise<void> {
    const { clock, timing } = this.options;
    while (!this.left.signal.aborted) {
      void this.session.beat();
      this.wake();
      await pause(clock, timing.heartbeatMs, this.left.signal);
    }
  }

  /** Follows the coordination space; a watch that breaks is begun anew, and until then nobody is expired. */
  private async watch(): Promise<void> {
    const { clock, engine, timing } = this.options;
    while (!this.left.signal.aborted) {
      try {
        const changes = engine.coordination.watch('', this.left.signal);
        const held = await engine.coordination.list('');
        this.view.retain(new Set(held.map((entry) => entry.key)));
        for await (const change of changes) this.saw(change);
      } catch {
        this.journal.stats.engineErrors++;
      }
      await pause(clock, timing.heartbeatMs, this.left.signal);
    }
  }

  private saw(change: CoordinationChange): void {
    const nowMs = this.options.clock.monotonicMs();
    if (change.key.startsWith(MEMBERS)) this.sawMember(change, nowMs);
    this.view.apply(change);
    this.wake();
  }

  private sawMember({ key, revision, value }: CoordinationChange, nowMs: number): void {
    const worker = key.slice(MEMBERS.length);
    if (value === undefined) {
      this.observer.gone(worker);
      return;
    }
    const { session } = parseRecord<MemberRecord>(key, value);
    if (session === this.session.id) this.observer.proven(nowMs);
    if (!this.view.isLive(worker, session)) this.leader.memberJoined(nowMs);
    this.observer.seen(worker, revision, nowMs);
  }

  /** Looks at everything once more; never two looks at a time. */
  private wake(): void {
    this.stepAgain = true;
    this.stepping ??= this.stepWhileNeeded().finally(() => {
      this.stepping = undefined;
    });
  }

  private async stepWhileNeeded(): Promise<void> {
    while (this.stepAgain && !this.left.signal.aborted) {
      this.stepAgain = false;
      this.slots.reconcile();
      try {
        await this.keepCluster();
      } catch {
        // The engine does not answer now; the next tick looks again.
        this.journal.stats.engineErrors++;
      }
    }
  }

  private async keepCluster(): Promise<void> {
    const nowMs = this.options.clock.monotonicMs();
    if (this.state !== 'active' || this.observer.isFrozen(nowMs)) return;
    for (const { worker, revision, silentMs } of this.observer.expired(nowMs, this.name)) {
      if (!(await this.options.engine.coordination.delete(MEMBERS + worker, revision))) continue;
      this.journal.stats.sessionsExpired++;
      this.journal.tell({ kind: 'session-expired', worker, silentMs });
    }
    await this.leader.elect(this.view);
    await this.leader.lead(this.view);
  }

  private wrongState(action: string, why: string): Error {
    return clusterErrors.error('WORKER_STATE', { what: `cannot ${action} worker "${this.name}"`, why });
  }
}
