import type { Batch } from '@sabot/columnar';
import { batchBytes } from '@sabot/columnar';
import type { Signal } from '../../ports/signal.js';
import type { Receiver } from '../receiver.js';
import { KeyLanes } from './key-lanes.js';
import type { Route } from './lane-plan.js';

/** The end of a chain towards the lanes of the next: rows go where the route says, signals to every lane. */
export function exchangeTo(route: Route, targets: readonly Receiver[]): Receiver {
  const [only] = targets;
  if (targets.length === 1 && only !== undefined) return only;
  if (route.kind === 'keyed') return new KeyedExchange(route.columns, targets);
  return new Broadcast(targets);
}

class Broadcast implements Receiver {
  protected readonly targets: readonly Receiver[];

  constructor(targets: readonly Receiver[]) {
    this.targets = targets;
  }

  batch(batch: Batch, bytes: number): void {
    for (const target of this.targets) target.batch(batch, bytes);
  }

  signal(signal: Signal): void {
    for (const target of this.targets) target.signal(signal);
  }
}

class KeyedExchange extends Broadcast {
  private readonly keys: KeyLanes;
  private readonly give: (lane: number, part: Batch) => void;

  constructor(columns: readonly string[], targets: readonly Receiver[]) {
    super(targets);
    this.keys = new KeyLanes(columns, targets.length);
    this.give = (lane, part) => (this.targets[lane] as Receiver).batch(part, batchBytes(part));
  }

  override batch(batch: Batch): void {
    this.keys.cut(batch, this.give);
  }
}
