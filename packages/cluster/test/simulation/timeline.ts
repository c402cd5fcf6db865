import type { Clock } from '@sabot/stream';

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly node: Node;
  readonly callback: () => void;
}

interface Node {
  frozenUntilMs: number;
  dead: boolean;
}

/** One virtual time for a whole simulated cluster; each node has a clock of its own that can be paused or stopped. */
export class Timeline {
  nowMs = 0;
  private readonly timers: Timer[] = [];
  private readonly nodes = new Map<string, Node>();
  private order = 0;

  clockOf(name: string): Clock {
    const node = this.nodeOf(name);
    return {
      now: () => 1_700_000_000_000 + this.nowMs,
      monotonicMs: () => this.nowMs,
      schedule: (delayMs, callback) => this.schedule(node, delayMs, callback),
    };
  }

  /** Like SIGSTOP: nothing of the node runs until then. */
  pause(name: string, durationMs: number): void {
    this.nodeOf(name).frozenUntilMs = this.nowMs + durationMs;
  }

  /** Like SIGKILL: nothing of the node ever runs again. */
  kill(name: string): void {
    this.nodeOf(name).dead = true;
  }

  isDead(name: string): boolean {
    return this.nodeOf(name).dead;
  }

  /** When something that reaches the node at this time can be handled by it. */
  awakeAt(name: string, atMs: number): number {
    return Math.max(atMs, this.nodeOf(name).frozenUntilMs);
  }

  /** Runs timers in order until the time is reached or the condition holds; true in the latter case. */
  async runUntil(endMs: number, reached: () => boolean = () => false): Promise<boolean> {
    for (;;) {
      await settle();
      if (reached()) return true;
      const next = this.takeNext(endMs);
      if (next === undefined) {
        this.nowMs = endMs;
        return false;
      }
      this.nowMs = Math.max(this.nowMs, next.atMs);
      if (next.node.dead) continue;
      if (next.node.frozenUntilMs > this.nowMs) this.push({ ...next, atMs: next.node.frozenUntilMs });
      else next.callback();
    }
  }

  private schedule(node: Node, delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.nowMs + Math.max(0, delayMs), order: this.order++, node, callback };
    this.push(timer);
    return () => {
      const at = this.timers.indexOf(timer);
      if (at >= 0) this.timers.splice(at, 1);
    };
  }

  private push(timer: Timer): void {
    this.timers.push(timer);
  }

  private takeNext(endMs: number): Timer | undefined {
    let best = -1;
    for (const [i, timer] of this.timers.entries()) {
      const held = this.timers[best];
      if (held === undefined || timer.atMs < held.atMs || (timer.atMs === held.atMs && timer.order < held.order))
        best = i;
    }
    if ((this.timers[best]?.atMs ?? Number.POSITIVE_INFINITY) > endMs) return undefined;
    return this.timers.splice(best, 1)[0];
  }

  private nodeOf(name: string): Node {
    const known = this.nodes.get(name);
    if (known !== undefined) return known;
    const node = { frozenUntilMs: 0, dead: false };
    this.nodes.set(name, node);
    return node;
  }
}

/** Lets every promise that can resolve do so. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
