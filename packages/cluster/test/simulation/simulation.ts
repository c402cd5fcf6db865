import { isSabotError } from '@sabot/core-observability/errors';
import type { CommitRegister } from '@sabot/stream';
import type { Engine } from '../../src/engine/engine.js';
import { clusterStatus } from '../../src/inspect/cluster-status.js';
import { submitJob } from '../../src/job/submit-job.js';
import { createMemoryEngine } from '../../src/memory/memory-engine.js';
import { commitRecordOf } from '../../src/testing/commit-record-of.js';
import { createWorkerOf } from '../../src/worker/create-worker.js';
import {
  type RunningTask,
  resolveWorkerOptions,
  type TaskAssignment,
  type TaskOutcome,
  type WorkerOptions,
} from '../../src/worker/worker-options.js';
import { type LinkFaults, linkTo } from './simulated-link.js';
import { Timeline } from './timeline.js';

/** A part of the protocol left out, to prove that the simulation notices. */
export type Mutation = 'none' | 'no-compare-and-set' | 'no-freeze';

export interface SimulationResult {
  readonly violations: readonly string[];
  /** Every accepted commit in order: the whole run as seen from outside. */
  readonly trace: readonly string[];
  readonly facts: { commits: number; fenced: number; expired: number; kills: number; pauses: number; outages: number };
}

const TASKS = ['0', '1', '2', '3'];
const INPUTS = 120;
const END_MS = 300_000;

/** Runs one seeded life of a cluster: three workers, crashes, pauses, lost replies, outages of the engine. */
export async function simulate(seed: number, mutation: Mutation = 'none'): Promise<SimulationResult> {
  return new Simulation(seed, mutation, await createMemoryEngine()).run();
}

class Simulation {
  private readonly timeline = new Timeline();
  private readonly random: () => number;
  private readonly violations: string[] = [];
  private readonly trace: string[] = [];
  private readonly facts = { commits: 0, fenced: 0, expired: 0, kills: 0, pauses: 0, outages: 0 };
  private readonly committed = new Map<string, number>();
  /** Workers that nothing was done to: nobody may expire them. */
  private readonly untouched = new Set<string>();
  private readonly engine: Engine;
  private readonly mutation: Mutation;
  private awayUntilMs = 0;
  private workers = 0;

  constructor(seed: number, mutation: Mutation, engine: Engine) {
    this.random = generator(seed);
    this.mutation = mutation;
    this.engine = engine;
  }

  async run(): Promise<SimulationResult> {
    for (let i = 0; i < 3; i++) this.startWorker();
    await this.timeline.runUntil(500);
    await submitJob(this.engine, 'job', {
      tasks: TASKS,
      strategy: this.pick(['LEAST_LOADED', 'ROUND_ROBIN', 'WEIGHTED_RANDOM']),
      maxAttempts: 50,
    });
    this.planTrouble();
    let finished = false;
    const look = setFinished(this.engine, () => {
      finished = true;
    });
    await this.timeline.runUntil(END_MS, () => finished);
    look.abort();
    if (!finished)
      this.violations.push(
        `the job has not finished: ${JSON.stringify((await clusterStatus(this.engine)).tasks.map((t) => t.state))}`,
      );
    for (const task of TASKS)
      if (this.committed.get(task) !== INPUTS)
        this.violations.push(`task ${task} ended at ${this.committed.get(task)}`);
    return { violations: this.violations, trace: this.trace, facts: this.facts };
  }

  private startWorker(): void {
    const name = `w${this.workers++}`;
    const options: WorkerOptions = {
      engine: linkTo(this.observed(this.engine), this.timeline, name, this.faults()),
      name,
      clock: this.timeline.clockOf(name),
      jobs: { job: (assignment) => this.runTask(name, assignment) },
      timing: { joinDebounceMs: 1500 },
    };
    const resolved = resolveWorkerOptions(options);
    const timing = { ...resolved.timing, freezeAfterMs: Number.POSITIVE_INFINITY };
    const worker = createWorkerOf(this.mutation === 'no-freeze' ? { ...resolved, timing } : resolved);
    worker.listen((event) => {
      if (event.kind !== 'session-expired') return;
      this.facts.expired++;
      if (this.untouched.has(event.worker))
        this.violations.push(`${Math.round(this.timeline.nowMs)}: ${name} expired ${event.worker}, which was well`);
    });
    // A worker whose registration got no answer never lived; what it left behind may expire.
    void worker.start().then(
      () => this.untouched.add(name),
      () => this.startWorker(),
    );
  }

  /** Crashes, pauses and outages at random moments; a killed worker is replaced by a new one. */
  private planTrouble(): void {
    const clock = this.timeline.clockOf('trouble');
    const at = (action: () => void): void => void clock.schedule(this.random() * 30_000, action);
    const some = (max: number): number => Math.floor(this.random() * (max + 1));
    for (let i = some(3); i > 0; i--) at(() => this.kill());
    for (let i = some(3); i > 0; i--) at(() => this.pause());
    for (let i = some(2); i > 0; i--) {
      at(() => {
        this.facts.outages++;
        this.awayUntilMs = this.timeline.nowMs + 1000 + this.random() * 11_000;
      });
    }
  }

  private kill(): void {
    const victim = this.pick([...this.untouched, 'w0']);
    if (this.timeline.isDead(victim)) return;
    this.facts.kills++;
    this.untouched.delete(victim);
    this.timeline.kill(victim);
    this.startWorker();
  }

  private pause(): void {
    const victim = this.pick([...this.untouched, 'w0']);
    this.facts.pauses++;
    this.untouched.delete(victim);
    this.timeline.pause(victim, this.random() * 15_000);
  }

  /** At most one of five calls of a node gets lost: a network that swallows all heartbeats of six seconds means death. */
  private faults(): LinkFaults {
    let sinceLost = 0;
    let loses: 'request' | 'reply' | undefined;
    return {
      delayMs: () => 1 + this.random() * (this.random() < 0.02 ? 600 : 12),
      losesRequest: () => {
        loses = sinceLost++ >= 5 && this.random() < 0.04 ? this.pick(['request', 'reply'] as const) : undefined;
        if (loses !== undefined) sinceLost = 0;
        return loses === 'request';
      },
      losesReply: () => loses === 'reply',
      awayUntilMs: () => this.awayUntilMs,
    };
  }

  /** What a stream job does: fence, go on from the committed position, commit outputs and position in one step. */
  private async runTask(name: string, { job, owner, register, signal, task }: TaskAssignment): Promise<RunningTask> {
    const clock = this.timeline.clockOf(name);
    const held = await register.read();
    let revision = held?.revision ?? 0;
    let epoch = (held?.record.epoch ?? 0) + 1;
    let done = Number(held?.record.positions['in']?.['0']?.['offset'] ?? 0);
    const record = (from: number) =>
      commitRecordOf({
        job,
        task,
        owner,
        epoch,
        positions: { in: { '0': { offset: done, from } } },
        finished: done === INPUTS,
      });
    revision = await register.advance(record(done), revision);
    let draining = false;
    const loop = async (): Promise<TaskOutcome> => {
      while (done < INPUTS) {
        if (draining || signal.aborted) return { state: 'drained' };
        await new Promise<void>((resolve) => void clock.schedule(100 + this.random() * 500, resolve));
        const from = done;
        done = Math.min(INPUTS, done + 1 + Math.floor(this.random() * 3));
        epoch++;
        revision = await register.advance(record(from), revision);
      }
      return { state: 'finished' };
    };
    const drain = async (): Promise<void> => {
      draining = true;
    };
    return { done: loop(), drain };
  }

  /** Sees every commit that the engine accepts, whoever sends it. */
  private observed(engine: Engine): Engine {
    return { ...engine, register: (job, task) => this.observedRegister(engine.register(job, task), task) };
  }

  private observedRegister(register: CommitRegister, task: string): CommitRegister {
    return {
      read: () => register.read(),
      advance: async (record, expected) => {
        const actual = this.mutation === 'no-compare-and-set' ? ((await register.read())?.revision ?? 0) : expected;
        const revision = await register.advance(record, actual).catch((error: unknown) => {
          if (isSabotError(error)) this.facts.fenced++;
          throw error;
        });
        const { offset, from } = (record.positions['in']?.['0'] ?? {}) as {
          readonly offset: number;
          readonly from: number;
        };
        this.accept(task, record.epoch, from, offset, record.owner);
        return revision;
      },
    };
  }

  private accept(task: string, epoch: number, from: number, to: number, owner: string): void {
    this.facts.commits++;
    const stands = this.committed.get(task) ?? 0;
    this.trace.push(`${Math.round(this.timeline.nowMs)} ${task} ${epoch} ${from}-${to} ${owner.split(':')[0]}`);
    if (from !== stands) this.violations.push(`task ${task}: outputs ${from}–${to} were committed after ${stands}`);
    this.committed.set(task, to);
  }

  private pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)] as T;
  }
}

function setFinished(engine: Engine, finished: () => void): AbortController {
  const stop = new AbortController();
  void (async () => {
    for await (const change of engine.coordination.watch('jobs/', stop.signal)) {
      if (change.value?.includes('"state":"finished"')) finished();
    }
  })();
  return stop;
}

/** mulberry32 */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
