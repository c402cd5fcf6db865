import type { Batch } from '@sabot/columnar';
import { batchBytes } from '@sabot/columnar';
import type { Signal, TracedBatch } from '../ports/signal.js';
import type { BeginBatch } from './batch-scopes.js';
import type { ChainOutput } from './chain-output.js';
import type { InputGate } from './input-gate.js';
import type { ChainContext } from './receiver.js';
import type { Runnable } from './scheduler.js';

/** The first stage of a chain: the only one that may wait. */
export interface ChainHead {
  accept(batch: Batch, bytes: number, input: number): void | Promise<void>;
  acceptSignal(signal: Signal): void | Promise<void>;
}

/** A piece of work that has to run between two elements: the commit of a sink. */
export type Interlude = () => void | Promise<void>;

export interface OperatorChainParts {
  readonly name: string;
  readonly gate: InputGate;
  readonly head: ChainHead;
  readonly output: ChainOutput;
  readonly context: ChainContext;
  readonly beginBatch: BeginBatch | undefined;
}

/** A chain fed by channels: takes one element per step, if there is room behind it. */
export class OperatorChain implements Runnable {
  readonly parts: OperatorChainParts;
  private readonly interludes: Interlude[] = [];

  constructor(parts: OperatorChainParts) {
    this.parts = parts;
  }

  get ready(): boolean {
    return this.interludes.length > 0 || (this.parts.gate.hasNext && !this.parts.output.full);
  }

  /** Runs the work before the next element; the caller wakes the chain. */
  interpose(interlude: Interlude): void {
    this.interludes.push(interlude);
  }

  step(): void | Promise<void> {
    const interlude = this.interludes.shift();
    if (interlude !== undefined) return interlude();
    const { gate, output, head } = this.parts;
    const blocked = output.full;
    output.note(blocked && gate.hasNext);
    if (blocked) return undefined;
    const next = gate.next();
    if (next === undefined) return undefined;
    const waits = next.kind === 'signal' ? head.acceptSignal(next.signal) : this.process(next.batch, next.input);
    if (waits === undefined) output.note(output.full && gate.hasNext);
    return waits;
  }

  private process(element: TracedBatch, input: number): void | Promise<void> {
    const { context, head, beginBatch } = this.parts;
    context.trace = element.trace;
    context.emittedAtMs = element.emittedAtMs;
    if (beginBatch === undefined) return head.accept(element.batch, batchBytes(element.batch), input);
    const scope = beginBatch(element);
    if (scope.trace !== undefined) context.trace = scope.trace;
    try {
      const waits = head.accept(element.batch, batchBytes(element.batch), input);
      if (waits === undefined) {
        scope.end();
        return undefined;
      }
      return waits.then(
        () => scope.end(),
        (error: unknown) => {
          scope.end(error);
          throw error;
        },
      );
    } catch (error) {
      scope.end(error);
      throw error;
    }
  }
}
