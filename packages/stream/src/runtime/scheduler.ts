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
  private readonly budgetMs: number;
  private readonly onFailure: (error: unknown) => void;
  private readonly queue: Runnable[] = [];
  private readonly queued = new Set<Runnable>();
  private readonly waiting = new Set<Runnable>();
  private pumping = false;
  private stopped = false;
  private immediate: NodeJS.Immediate | undefined;
  private onQuiet: (() => void) | undefined;
  private turnStartedMs = performance.now();

  constructor(budgetMs: number, onFailure: (error: unknown) => void) {
    this.budgetMs = budgetMs;
    this.onFailure = onFailure;
  }

  /** Gives the chain a turn soon; does nothing while it waits for its own step or already has a place. */
  wake(chain: Runnable): void {
    if (this.stopped || this.waiting.has(chain) || this.queued.has(chain)) return;
    this.queued.add(chain);
    this.queue.push(chain);
    if (!this.pumping && this.immediate === undefined) this.immediate = setImmediate(() => this.turn());
  }

  /** No further step begins. */
  stop(): void {
    this.stopped = true;
    this.queue.length = 0;
    this.queued.clear();
    if (this.immediate !== undefined) clearImmediate(this.immediate);
    this.immediate = undefined;
  }

  /** Resolves when no step that has begun still waits for something; said after `stop`. */
  quiet(): Promise<void> {
    if (this.waiting.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.onQuiet = resolve;
    });
  }

  private turn(): void {
    this.immediate = undefined;
    this.turnStartedMs = performance.now();
    this.pump();
  }

  private pump(): void {
    this.pumping = true;
    for (let at = 0; at < this.queue.length; ) {
      const chain = this.queue[at++] as Runnable;
      this.queued.delete(chain);
      this.run(chain);
      if (this.stopped) break;
      if (at === this.queue.length || at === 64) {
        this.queue.splice(0, at);
        at = 0;
      }
      if (this.queue.length > at && performance.now() - this.turnStartedMs > this.budgetMs) {
        this.queue.splice(0, at);
        this.immediate = setImmediate(() => this.turn());
        break;
      }
    }
    this.pumping = false;
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
