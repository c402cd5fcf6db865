import { createMemoryStateStore, type OpenStateStore, type StateStore } from '@sabot/state';
import type { Recovery } from '../checkpoints/recovery.js';
import { streamErrors } from '../errors.js';
import { createStatelessOperator } from '../operators/stateless.js';
import { kindOf, type Plan, type PlannedNode } from '../plan/plan.js';
import type { SourceNode } from '../plan/plan-node.js';
import type { Clock } from '../ports/clock.js';
import type { Operator } from '../ports/operator.js';
import type { SinkWriter } from '../ports/sink.js';
import type { SourceReader, SourceSplit, SplitPosition } from '../ports/source.js';
import type { OperatorMeta, TaskDecorator } from '../ports/task-decorator.js';
import { assertSplits } from './assert-splits.js';
import { attribute } from './attribution.js';
import { chainsOf } from './chain-layout.js';
import { ClockCalls } from './clock-calls.js';
import type { ChainContext } from './receiver.js';
import { Stopwatch } from './stopwatch.js';
import type { StartJobOptions } from './task-options.js';

export interface OpenSplit {
  readonly split: SourceSplit;
  /** Undefined: the split had ended before the restored checkpoint. */
  readonly reader: SourceReader | undefined;
  readonly position: SplitPosition | undefined;
  readonly restoredMs: number;
}

export interface OpenOperator {
  readonly operator: Operator;
  readonly state: StateStore | undefined;
  readonly calls: ClockCalls;
}

/** Everything of a job that is open, by operator id, and how to close it again. */
export interface OpenParts {
  readonly metas: ReadonlyMap<string, OperatorMeta>;
  /** By chain name. */
  readonly contexts: ReadonlyMap<string, ChainContext>;
  readonly sources: ReadonlyMap<string, readonly OpenSplit[]>;
  readonly operators: ReadonlyMap<string, OpenOperator>;
  readonly sinks: ReadonlyMap<string, SinkWriter>;
  readonly closers: Closers;
}

/** Closes what has been opened, last first; the first failure is handed back after all have been tried. */
export class Closers {
  private readonly steps: ((finished: boolean) => Promise<void>)[] = [];

  add(close: (finished: boolean) => Promise<void> | void): void {
    this.steps.push(async (finished) => close(finished));
  }

  async close(finished: boolean): Promise<unknown> {
    let first: unknown;
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      await step(finished).catch((error: unknown) => {
        first ??= error;
      });
    }
    return first;
  }
}

interface Opening {
  readonly plan: Plan;
  readonly options: StartJobOptions;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly recovery: Recovery | undefined;
}

/** Opens and restores sources, operators and sinks. On failure everything opened so far is closed. */
export async function openParts(opening: Opening): Promise<OpenParts> {
  const parts = new PartsOpener(opening);
  try {
    for (const planned of opening.plan.nodes) await parts.open(planned);
    return parts;
  } catch (error) {
    await parts.closers.close(false);
    throw error;
  }
}

class PartsOpener implements OpenParts {
  readonly metas = new Map<string, OperatorMeta>();
  readonly contexts = new Map<string, ChainContext>();
  readonly sources = new Map<string, readonly OpenSplit[]>();
  readonly operators = new Map<string, OpenOperator>();
  readonly sinks = new Map<string, SinkWriter>();
  readonly closers = new Closers();
  private readonly opening: Opening;
  private readonly chains: ReadonlyMap<string, string>;

  constructor(opening: Opening) {
    this.opening = opening;
    this.chains = chainsOf(opening.plan);
  }

  async open(planned: PlannedNode): Promise<void> {
    const { job } = this.opening.plan;
    const meta = this.describe(planned);
    const role = planned.node.kind === 'source' || planned.node.kind === 'sink' ? planned.node.kind : 'operator';
    try {
      if (planned.node.kind === 'source') await this.openSource(meta, planned.node);
      else if (planned.node.kind === 'sink') await this.openSink(meta, planned);
      else await this.openOperator(meta, planned);
    } catch (error) {
      throw attribute(error, role, planned.id, job);
    }
  }

  private describe({ id, node }: PlannedNode): OperatorMeta {
    const chain = this.chains.get(id) as string;
    if (!this.contexts.has(chain)) {
      const watch = new Stopwatch(this.opening.clock);
      this.contexts.set(chain, { trace: undefined, emittedAtMs: this.opening.clock.now(), watch });
    }
    const facts = node.kind === 'operator' ? (node.spec.facts ?? {}) : {};
    const changelogKey = node.outputs[0]?.changelogKey;
    const meta = { job: this.opening.plan.job, operatorId: id, kind: kindOf(node), chain, facts, changelogKey };
    this.metas.set(id, meta);
    return meta;
  }

  private async openSource(meta: OperatorMeta, node: SourceNode): Promise<void> {
    const record = this.opening.recovery?.record;
    const positions = record?.positions[meta.operatorId] ?? {};
    const watermarks = record?.watermarks[meta.operatorId] ?? {};
    const request = { columns: node.columns, batchRows: node.batchRows };
    const open: OpenSplit[] = [];
    this.sources.set(meta.operatorId, open);
    const splits = await node.source.splits();
    assertSplits(meta.operatorId, splits, record);
    for (const split of splits) {
      const restored = watermarks[split.id];
      const position = positions[split.id];
      if (restored === 'end') {
        open.push({ split, reader: undefined, position, restoredMs: Number.POSITIVE_INFINITY });
        continue;
      }
      const bare = await node.source.read(split, position, request);
      const reader = this.decorated(bare, (decorator, inner) => decorator.source?.(inner, meta));
      this.closers.add(() => reader.close());
      open.push({ split, reader, position, restoredMs: restored ?? Number.NEGATIVE_INFINITY });
    }
  }

  private async openOperator(meta: OperatorMeta, { id, node }: PlannedNode): Promise<void> {
    if (node.kind !== 'operator' && node.kind !== 'stateless') return;
    const stateSchema = node.kind === 'operator' ? node.spec.stateSchema : undefined;
    const state = stateSchema === undefined ? undefined : await this.openState(meta);
    const bare = node.kind === 'operator' ? node.spec.create() : createStatelessOperator(node);
    const operator = this.decorated(bare, (decorator, inner) => decorator.operator?.(inner, meta));
    const context = this.contexts.get(meta.chain) as ChainContext;
    const calls = new ClockCalls(this.opening.clock);
    this.closers.add(() => operator.close());
    this.closers.add(() => calls.close());
    await operator.open({
      operatorId: id,
      clock: this.opening.clock,
      signal: this.opening.signal,
      state: () => state ?? noState(id),
      callAt: (timeMs, call) => calls.at(timeMs, call),
      trace: () => context.trace,
    });
    const bytes = this.opening.recovery?.operators.get(id)?.bytes;
    if (bytes !== undefined) operator.restore(bytes);
    this.operators.set(id, { operator, state, calls });
  }

  private async openState(meta: OperatorMeta): Promise<StateStore> {
    const { options, recovery } = this.opening;
    const bare: OpenStateStore = await (options.stateStore?.(meta.operatorId) ?? createMemoryStateStore());
    const store = this.decorated(bare, (decorator, inner) => decorator.stateStore?.(inner, meta));
    this.closers.add(async () => store[Symbol.asyncDispose]());
    // Without a register the sources begin anew, and so does the state, whatever a former run has left in the store.
    await store.restore(recovery?.operators.get(meta.operatorId)?.chain ?? []);
    return store;
  }

  private async openSink(meta: OperatorMeta, planned: PlannedNode): Promise<void> {
    if (planned.node.kind !== 'sink') return;
    const { sink, input } = planned.node;
    const committed = this.opening.recovery?.record.sinks[planned.id];
    const schema = input.node.outputs[input.port]?.schema;
    if (schema === undefined) throw new RangeError('a sink reads a port that its input does not have');
    const bare = await sink.open({ sinkId: planned.id, schema, committed, signal: this.opening.signal });
    const writer = this.decorated(bare, (decorator, inner) => decorator.sink?.(inner, meta));
    this.closers.add((finished) => writer.close(finished));
    if (committed !== undefined) await writer.commit(committed);
    this.sinks.set(planned.id, writer);
  }

  private decorated<P>(bare: P, wrap: (decorator: TaskDecorator, inner: P) => P | undefined): P {
    return (this.opening.options.decorators ?? []).reduce((inner, decorator) => wrap(decorator, inner) ?? inner, bare);
  }
}

function noState(id: string): never {
  throw streamErrors.error('PLAN_INVALID', {
    what: `operator "${id}" cannot use keyed state`,
    why: 'its spec does not declare a stateSchema',
    remedy: 'Set `stateSchema` in the operator spec to the schema of the bound states.',
  });
}
