import type { Turns } from '../ports/turns.js';

/** Something with steps to run: a chain. */
export interface Runnable {
  /** Whether a step could do something now. */
  readonly ready: boolean;
  /** Does one bounded piece of work; a promise means that it waits for something of its own. */
  step(): void | Promise<void>;
}

/**
 * Runs the chains of one job on this thread, in turns, and gives the event loop its share: no turn of the loop is held
 * longer than the budget plus one step. A failing step stops everything and is reported once.
 */
export class Scheduler {
  private readonly turns: Turns;
  private readonly onFailure: (error: unknown) => void;
  private readonly queue: Runnable[] = [];
  private readonly queued = new Set<Runnable>();
  private readonly waiting = new Set<Runnable>();
  private pumping = false;
  private stopped = false;
  private cancelTurn: (() => void) | undefined;
  private onQuiet: (() => void) | undefined;

  constructor(turns: Turns, onFailure: (error: unknown) => void) {
    this.turns = turns;
    this.onFailure = onFailure;
  }

  /** Gives the chain a turn soon; does nothing while it waits for its own step or already has a place. */
  wake(chain: Runnable): void {
    if (this.stopped || this.waiting.has(chain) || this.queued.has(chain)) return;
    this.queued.add(chain);
    this.queue.push(chain);
    if (!this.pumping && this.cancelTurn === undefined) this.cancelTurn = this.turns.soon(() => this.turn());
  }

  /** Whether no chain has a turn coming or waits for something of its own. */
  get idle(): boolean {
    return this.queue.length === 0 && this.waiting.size === 0;
  }

  /** No further step begins. */
  stop(): void {
    this.stopped = true;
    this.queue.length = 0;
    this.queued.clear();
    this.cancelTurn?.();
    this.cancelTurn = undefined;
  }

  /** Resolves when no step that has begun still waits for something; said after `stop`. */
  quiet(): Promise<void> {
    if (this.waiting.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.onQuiet = resolve;
    });
  }

  private turn(): void {
    this.cancelTurn = undefined;
    this.pump();
  }

  private pump(): void {
    this.pumping = true;
    for (let at = 0; at < this.queue.length; ) {
      const chain = this.take(at++);
      this.queued.delete(chain);
      this.run(chain);
      if (this.stopped) break;
      if (at === this.queue.length || at === 64) {
        this.queue.splice(0, at);
        at = 0;
      }
      if (this.queue.length > at && this.turns.over()) {
        this.queue.splice(0, at);
        this.cancelTurn = this.turns.soon(() => this.turn());
        break;
      }
    }
    this.pumping = false;
  }

  /** The chain whose turn it is, moved to this place of the queue. */
  private take(at: number): Runnable {
    const { queue } = this;
    const picked = at + this.turns.next(queue.length - at);
    const chain = queue[picked] as Runnable;
    if (picked !== at) {
      queue.splice(picked, 1);
      queue.splice(at, 0, chain);
    }
    return chain;
  }

  private run(chain: Runnable): void {
    try {
      const waits = chain.step();
      if (waits === undefined) {
        if (chain.ready) this.wake(chain);
        return;
      }
      this.waiting.add(chain);
      waits.then(
        () => this.resume(chain),
        (error: unknown) => this.fail(chain, error),
      );
    } catch (error) {
      this.fail(chain, error);
    }
  }

  private resume(chain: Runnable): void {
    this.settled(chain);
    if (!this.stopped && chain.ready) this.wake(chain);
  }

  private fail(chain: Runnable, error: unknown): void {
    this.settled(chain);
    if (this.stopped) return;
    this.stop();
    this.onFailure(error);
  }

  private settled(chain: Runnable): void {
    this.waiting.delete(chain);
    if (this.waiting.size === 0) this.onQuiet?.();
  }
}
