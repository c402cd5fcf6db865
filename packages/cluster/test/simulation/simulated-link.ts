import type { CommitRegister } from '@sabot/stream';
import type { CoordinationChange, Engine } from '../../src/engine/engine.js';
import type { Timeline } from './timeline.js';

/** What can go wrong between a node and the engine. All numbers come from the simulation's seeded generator. */
export interface LinkFaults {
  /** One way, milliseconds. */
  readonly delayMs: () => number;
  /** Whether this request never arrives. */
  readonly losesRequest: () => boolean;
  /** Whether it is carried out and its reply never arrives. */
  readonly losesReply: () => boolean;
  /** Until when the engine is away; requests meanwhile are lost, watches held back. */
  readonly awayUntilMs: () => number;
}

export const NO_FAULTS: LinkFaults = {
  delayMs: () => 0,
  losesRequest: () => false,
  losesReply: () => false,
  awayUntilMs: () => 0,
};

/** What an adapter should wait for an answer: no longer than a heartbeat. */
const CALL_TIMEOUT_MS = 1000;

/** The engine as one node reaches it. A dead node is never answered, a paused one when it wakes. */
export function linkTo(engine: Engine, timeline: Timeline, node: string, faults: LinkFaults): Engine {
  const link = new Link(timeline, node, faults);
  const { coordination } = engine;
  return {
    kind: engine.kind,
    log: engine.log,
    snapshots: engine.snapshots,
    register: (job, task) => linkedRegister(engine.register(job, task), link),
    coordination: {
      get: (key) => link.call(() => coordination.get(key)),
      put: (key, value, expected) => link.call(() => coordination.put(key, value, expected)),
      delete: (key, expected) => link.call(() => coordination.delete(key, expected)),
      list: (prefix) => link.call(() => coordination.list(prefix)),
      watch: (prefix, signal) => link.watch(coordination.watch(prefix, signal)),
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function linkedRegister(register: CommitRegister, link: Link): CommitRegister {
  return {
    read: () => link.call(() => register.read()),
    advance: (record, expected) => link.call(() => register.advance(record, expected)),
  };
}

class Link {
  private readonly timeline: Timeline;
  private readonly node: string;
  private readonly faults: LinkFaults;

  constructor(timeline: Timeline, node: string, faults: LinkFaults) {
    this.timeline = timeline;
    this.node = node;
    this.faults = faults;
  }

  async call<R>(action: () => Promise<R>): Promise<R> {
    await this.awake();
    await this.travel();
    if (this.faults.losesRequest() || this.faults.awayUntilMs() > this.timeline.nowMs) return this.timedOut();
    const result = await action().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    if (this.faults.losesReply()) return this.timedOut();
    await this.travel();
    await this.awake();
    if ('error' in result) throw result.error;
    return result.value;
  }

  async *watch(changes: AsyncIterable<CoordinationChange>): AsyncGenerator<CoordinationChange> {
    for await (const change of changes) {
      await this.wait('network', Math.max(this.faults.delayMs(), this.faults.awayUntilMs() - this.timeline.nowMs));
      await this.awake();
      yield change;
    }
  }

  private async timedOut(): Promise<never> {
    await this.wait('network', CALL_TIMEOUT_MS);
    await this.awake();
    throw Object.assign(new Error('the engine did not answer in time'), { code: 'TIMEOUT' });
  }

  private travel(): Promise<void> {
    return this.wait('network', this.faults.delayMs());
  }

  /** Waits for a paused node; for ever, for a dead one. */
  private async awake(): Promise<void> {
    if (this.timeline.isDead(this.node)) return new Promise(() => undefined);
    const atMs = this.timeline.awakeAt(this.node, this.timeline.nowMs);
    if (atMs > this.timeline.nowMs) await this.wait(this.node, atMs - this.timeline.nowMs);
  }

  private wait(node: string, delayMs: number): Promise<void> {
    if (delayMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.timeline.clockOf(node).schedule(delayMs, resolve);
    });
  }
}
