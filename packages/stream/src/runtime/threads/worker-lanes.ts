import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { StateSnapshot } from '@sabot/state';
import type { OperatorStats } from '../../ports/operator.js';
import type { InstanceFacts } from '../lanes/instance-facts.js';
import { threadFailed, uncarriedError } from './carried-error.js';
import type { LaneThread, LaneThreadEvents } from './lane-thread.js';
import type { CarriedState, ThreadBoot, ThreadOrder, ThreadReport } from './thread-protocol.js';

/** A thread that does not close in this time is ended. */
const CLOSE_DEADLINE_MS = 5000;

/**
 * What a worker runs first: the job's module is imported as the user would import it, and the job that it describes
 * brings the runtime along. So there is one copy of it per thread, the same from TypeScript, ESM and CommonJS.
 */
const BOOTSTRAP = `
const { parentPort, workerData } = require('node:worker_threads');
const { module: url, exportName, argument, boot } = workerData;
const build = (exports) => [exports[exportName], exports.default?.[exportName], exports.default]
  .find((candidate) => typeof candidate === 'function');
import(url)
  .then((exports) => build(exports)(argument))
  .then((made) => (made.job ?? made).host(boot, made.stateStore))
  .catch((error) => {
    const { code, kind, what, why, remedy, facts } = error ?? {};
    const sabot = what === undefined ? undefined : { code, kind, what, why, remedy, facts: { ...facts } };
    parentPort.postMessage({ kind: 'failed', error: { message: error?.message ?? String(error), stack: error?.stack, sabot } });
  });
`;

/** The module that every thread imports. */
export interface ModuleRef {
  readonly module: string;
  readonly exportName: string;
  readonly argument: unknown;
}

type Ports = ReadonlyMap<number, MessagePort>;

/** A message port between every two threads: by thread, then by the thread at the other end. */
export function meshOf(threads: number): readonly Ports[] {
  const mesh = Array.from({ length: threads }, () => new Map<number, MessagePort>());
  for (let one = 0; one < threads; one++) {
    for (let other = one + 1; other < threads; other++) {
      const { port1, port2 } = new MessageChannel();
      mesh[one]?.set(other, port1);
      mesh[other]?.set(one, port2);
    }
  }
  return mesh;
}

/** Starts a worker and resolves when its lanes are open; rejects with what kept them from it. */
export async function startWorkerLanes(ref: ModuleRef, boot: ThreadBoot): Promise<LaneThread> {
  const worker = new Worker(BOOTSTRAP, {
    eval: true,
    name: `sabot lanes ${boot.thread}`,
    workerData: { ...ref, boot },
    transferList: [...boot.ports.values()],
  });
  const lanes = new WorkerLanes(worker, boot.thread);
  try {
    await lanes.opened;
    return lanes;
  } catch (error) {
    // Whatever its module has begun would keep it alive.
    await worker.terminate();
    throw error;
  }
}

class WorkerLanes implements LaneThread {
  facts: InstanceFacts[] = [];
  ordering = true;
  readonly opened: Promise<void>;
  private readonly worker: Worker;
  private readonly thread: number;
  private readonly exited: Promise<void>;
  private readonly stats = new Map<string, OperatorStats>();
  private events: LaneThreadEvents | undefined;
  private failure: unknown;
  private onOpened: () => void = () => undefined;
  private onRefused: (error: unknown) => void = () => undefined;
  private onClosed: (failure: unknown) => void = () => undefined;
  private closing = false;

  constructor(worker: Worker, thread: number) {
    this.worker = worker;
    this.thread = thread;
    this.opened = new Promise((resolve, reject) => {
      this.onOpened = resolve;
      this.onRefused = reject;
    });
    this.exited = new Promise((resolve) => {
      worker.once('exit', (code) => {
        resolve();
        this.ended(code);
      });
    });
    worker.on('message', (report: ThreadReport) => this.hear(report));
    worker.on('error', (error) => this.fail(threadFailed(thread, messageOf(error), error)));
  }

  attach(events: LaneThreadEvents): void {
    this.events = events;
    if (this.failure !== undefined) events.onFailure(this.failure);
  }

  start(): void {
    this.order({ kind: 'start' });
  }

  inject(epoch: number, final: boolean): void {
    this.order({ kind: 'inject', epoch, final, trace: this.events?.collector.trace });
  }

  stopReading(): void {
    this.order({ kind: 'stop-reading' });
  }

  async close(finished: boolean): Promise<unknown> {
    this.closing = true;
    const closed = new Promise<unknown>((resolve) => {
      this.onClosed = resolve;
    });
    this.order({ kind: 'close', finished });
    const overdue = deadline(CLOSE_DEADLINE_MS);
    const failure = await Promise.race([closed, this.exited, overdue.reached]);
    await Promise.race([this.exited, overdue.reached]);
    overdue.cancel();
    await this.worker.terminate();
    return failure;
  }

  private hear(report: ThreadReport): void {
    switch (report.kind) {
      case 'opened':
        this.ordering = report.ordering;
        this.learn(report.facts);
        this.onOpened();
        break;
      case 'facts':
        this.ordering = report.ordering;
        this.learn(report.facts);
        break;
      case 'exhausted':
        this.events?.onSourceExhausted();
        break;
      case 'source':
        this.events?.collector.source(report.instance, report.epoch, report.cut);
        break;
      case 'operator':
        this.handIn(report);
        break;
      case 'failed':
        this.fail(uncarriedError(report.error, this.thread));
        break;
      case 'closed':
        this.learn(report.facts);
        this.onClosed(report.error === undefined ? undefined : uncarriedError(report.error, this.thread));
    }
  }

  private handIn({ instance, epoch, bytes, state }: Extract<ThreadReport, { kind: 'operator' }>): void {
    const carried = state === undefined ? undefined : this.snapshotOf(instance, state);
    this.events?.collector.operator(instance, epoch, bytes, carried);
  }

  private snapshotOf(instance: string, { epoch, baseEpoch, bytes }: CarriedState): StateSnapshot {
    return {
      epoch,
      baseEpoch,
      bytes: () => bytes,
      confirm: async () => this.order({ kind: 'confirm', instance, epoch }),
      abandon: () => undefined,
    };
  }

  /** Stats stay the same objects, so that whoever holds them sees them grow. */
  private learn(facts: readonly InstanceFacts[]): void {
    this.facts = facts.map((fact) => {
      const known = this.stats.get(fact.instance);
      const stats = known === undefined ? fact.stats : Object.assign(known, fact.stats);
      this.stats.set(fact.instance, stats);
      return { ...fact, stats };
    });
  }

  private ended(code: number): void {
    this.onClosed(undefined);
    if (!this.closing) this.fail(threadFailed(this.thread, `it ended with exit code ${code}`));
  }

  private fail(error: unknown): void {
    this.failure ??= error;
    this.onRefused(error);
    this.events?.onFailure(error);
  }

  private order(order: ThreadOrder): void {
    this.worker.postMessage(order);
  }
}

function deadline(ms: number): { readonly reached: Promise<void>; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  const reached = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return { reached, cancel: () => clearTimeout(timer) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
