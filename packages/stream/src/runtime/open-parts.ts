import { createMemoryStateStore, type OpenStateStore } from '@sabot/state';
import type { Restored } from '../checkpoints/recovery.js';
import { streamErrors } from '../errors.js';
import { createStatelessOperator } from '../operators/stateless.js';
import { kindOf, type PlannedNode } from '../plan/plan.js';
import type { SourceNode } from '../plan/plan-node.js';
import type { Clock } from '../ports/clock.js';
import type { Operator } from '../ports/operator.js';
import type { SinkWriter } from '../ports/sink.js';
import type { SourceReader, SourceSplit, SplitPosition } from '../ports/source.js';
import type { OperatorMeta, TaskDecorator } from '../ports/task-decorator.js';
import { assertSplits } from './assert-splits.js';
import { attribute } from './attribution.js';
import { ClockCalls } from './clock-calls.js';
import { type LanePlan, type NodeInstance, nodeIdOf, type Placement } from './lanes/lane-plan.js';
import type { ChainContext } from './receiver.js';
import { Stopwatch } from './stopwatch.js';
import { DEFAULT_BATCH_ROWS, type StartJobOptions } from './task-options.js';

export interface OpenSplit {
  readonly split: SourceSplit;
  /** Undefined: the split had ended before the restored checkpoint. */
  readonly reader: SourceReader | undefined;
  readonly position: SplitPosition | undefined;
  readonly restoredMs: number;
}

export interface OpenOperator {
  readonly operator: Operator;
  readonly state: OpenStateStore | undefined;
  readonly calls: ClockCalls;
}

/** What one thread has open of a job, by instance, and how to close it again. */
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
  readonly plan: LanePlan;
  /** The lanes to open. */
  readonly hosts: (lane: number) => boolean;
  readonly options: Pick<StartJobOptions, 'stateStore' | 'decorators' | 'expressions' | 'batchRows'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly recovery: Restored | undefined;
}

/** Opens and restores sources, operators and sinks. On failure everything opened so far is closed. */
export async function openParts(opening: Opening): Promise<OpenParts> {
  const parts = new PartsOpener(opening);
  try {
    for (const placement of opening.plan.placements.values()) {
      for (const instance of placement.instances)
        if (opening.hosts(instance.lane)) await parts.open(placement, instance);
    }
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
  /** By source: listed once, shared out over its instances. */
  private readonly splits = new Map<string, readonly SourceSplit[]>();

  constructor(opening: Opening) {
    this.opening = opening;
  }

  async open({ planned }: Placement, instance: NodeInstance): Promise<void> {
    const { job } = this.opening.plan.plan;
    const meta = this.describe(planned, instance);
    const role = planned.node.kind === 'source' || planned.node.kind === 'sink' ? planned.node.kind : 'operator';
    try {
      if (planned.node.kind === 'source') await this.openSource(meta, instance, planned.node);
      else if (planned.node.kind === 'sink') await this.openSink(meta, planned);
      else await this.openOperator(meta, instance, planned);
    } catch (error) {
      throw attribute(error, role, planned.id, job);
    }
  }

  private describe({ id, node }: PlannedNode, instance: NodeInstance): OperatorMeta {
    const { chain, lane } = instance;
    if (!this.contexts.has(chain)) {
      const watch = new Stopwatch(this.opening.clock);
      this.contexts.set(chain, { trace: undefined, emittedAtMs: this.opening.clock.now(), watch });
    }
    const facts = node.kind === 'operator' ? (node.spec.facts ?? {}) : {};
    const { job } = this.opening.plan.plan;
    const changelogKey = node.outputs[0]?.changelogKey;
    const plain = { job, operatorId: id, kind: kindOf(node), chain: nodeIdOf(chain), facts, changelogKey };
    const meta = instance.id === id ? plain : { ...plain, lane };
    this.metas.set(instance.id, meta);
    return meta;
  }

  private async openSource(meta: OperatorMeta, { id, lane }: NodeInstance, node: SourceNode): Promise<void> {
    const record = this.opening.recovery?.record;
    const positions = record?.positions[meta.operatorId] ?? {};
    const watermarks = record?.watermarks[meta.operatorId] ?? {};
    const request = {
      columns: node.columns,
      batchRows: node.batchRows ?? this.opening.options.batchRows ?? DEFAULT_BATCH_ROWS,
    };
    const open: OpenSplit[] = [];
    this.sources.set(id, open);
    for (const split of await this.splitsOf(meta.operatorId, node, lane)) {
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

  /** Positions are kept by split, so a split may change its lane between two starts. */
  private async splitsOf(source: string, node: SourceNode, lane: number): Promise<readonly SourceSplit[]> {
    const all = this.splits.get(source) ?? (await node.source.splits());
    if (!this.splits.has(source)) assertSplits(source, all, this.opening.recovery?.record);
    this.splits.set(source, all);
    return all.filter((_, at) => at % this.opening.plan.lanes === lane);
  }

  private async openOperator(meta: OperatorMeta, instance: NodeInstance, { node }: PlannedNode): Promise<void> {
    if (node.kind !== 'operator' && node.kind !== 'stateless') return;
    const { id } = instance;
    const stateSchema = node.kind === 'operator' ? node.spec.stateSchema : undefined;
    const state = stateSchema === undefined ? undefined : await this.openState(id, meta);
    const { expressions } = this.opening.options;
    const bare = node.kind === 'operator' ? node.spec.create(expressions) : createStatelessOperator(node, expressions);
    const operator = this.decorated(bare, (decorator, inner) => decorator.operator?.(inner, meta));
    const context = this.contexts.get(instance.chain) as ChainContext;
    const calls = new ClockCalls(this.opening.clock);
    this.closers.add(() => operator.close());
    this.closers.add(() => calls.close());
    await operator.open({
      operatorId: meta.operatorId,
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

  private async openState(id: string, meta: OperatorMeta): Promise<OpenStateStore> {
    const { options, recovery } = this.opening;
    const bare: OpenStateStore = await (options.stateStore?.(id) ?? createMemoryStateStore());
    const store = this.decorated(bare, (decorator, inner) => decorator.stateStore?.(inner, meta));
    this.closers.add(async () => store[Symbol.asyncDispose]());
    // Without a register the sources begin anew, and so does the state, whatever a former run has left in the store.
    await store.restore(recovery?.operators.get(id)?.chain ?? []);
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
