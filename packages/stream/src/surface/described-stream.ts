import type { Batch, Fields, Schema } from '@sabot/columnar';
import { streamErrors } from '../errors.js';
import type { AsyncMapDescription } from '../operators/async/async-map.js';
import { type RebatchOptions, rebatchSpec } from '../operators/rebatch.js';
import type { RowFunction } from '../operators/rows/map-rows.js';
import { splitSpec } from '../operators/split.js';
import { tapSpec } from '../operators/tap.js';
import { unionSpec } from '../operators/union.js';
import { explainStream } from '../plan/job.js';
import { operatorNode } from '../plan/operator-node.js';
import type { OperatorSpec } from '../plan/operator-spec.js';
import { outputOf, type PlanEdge, type PlanNode, type SinkNode, type StatelessNode } from '../plan/plan-node.js';
import {
  type AnyColumns,
  type Condition,
  type DescribedStep,
  filterStep,
  selectStep,
  withColumnsStep,
} from '../plan/stateless-step.js';
import type { Sink } from '../ports/sink.js';
import type { WindowSpec } from '../time/window-spec.js';
import { iterateStream } from './iterate-stream.js';
import { createKeyedStream } from './keyed-stream.js';
import { asyncMap, type FillRow, mapBatches, mapRows } from './row-methods.js';
import type {
  AsyncMapOptions,
  MapOptions,
  NamedOptions,
  Ranked,
  StreamRef,
  TopNOptions,
  WindowOptions,
} from './stream-options.js';
import type { AppliedStream, KeyedStream, Stream, Table } from './stream-types.js';
import { tableStream, topN } from './table-methods.js';
import { createWindowedStream } from './windowed-stream.js';

type Predicate = (columns: AnyColumns) => Condition;

/**
 * The stream behind an edge of the plan. The type parameters are what the method that made the edge has computed from
 * its own; at run time a stream is untyped, and its schema says what it carries.
 */
export function streamOf<S extends StreamRef = Stream>(edge: PlanEdge): S {
  // Every method of the surface is there; which columns they accept is known to the type alone.
  return new DescribedStream(edge) as unknown as S;
}

class DescribedStream {
  readonly edge: PlanEdge;

  constructor(edge: PlanEdge) {
    this.edge = edge;
  }

  private get base(): Stream {
    return streamOf(this.edge);
  }

  get schema(): Schema {
    return outputOf(this.edge).schema;
  }

  get eventTime(): string | undefined {
    return outputOf(this.edge).eventTime;
  }

  get changelogKey(): readonly string[] | undefined {
    return outputOf(this.edge).changelogKey;
  }

  filter(predicate: Predicate, options?: NamedOptions): Stream {
    return this.stateless(filterStep(outputOf(this.edge), predicate), options);
  }

  select(columns: Parameters<typeof selectStep>[1], options?: NamedOptions): Stream {
    return this.stateless(selectStep(outputOf(this.edge), columns), options);
  }

  withColumns(columns: Parameters<typeof withColumnsStep>[1], options?: NamedOptions): Stream {
    return this.stateless(withColumnsStep(outputOf(this.edge), columns), options);
  }

  window(window: WindowSpec, options?: WindowOptions) {
    return createWindowedStream(this.base, [], window, options);
  }

  keyBy(...columns: readonly string[]): KeyedStream<Fields, string, 'event-time'> {
    return createKeyedStream(this.base, columns);
  }

  union(others: readonly StreamRef[], options?: NamedOptions): Stream {
    return this.apply(unionSpec([this.schema, ...others.map(({ schema }) => schema)], options?.name), ...others);
  }

  split(branches: Readonly<Record<string, Predicate>>, options?: NamedOptions): Readonly<Record<string, Stream>> {
    const split = this.apply(splitSpec(this.schema, branches, options?.name));
    const sides = Object.keys(branches).map((name) => [name, split.side(name)] as const);
    return Object.fromEntries<Stream>([...sides, ['rest', split]]);
  }

  map(output: Schema, fill: FillRow, options?: MapOptions<Fields>): Stream {
    return mapRows(this.base, 'map', output, fill, options);
  }

  flatMap(output: Schema, fill: RowFunction, options?: MapOptions<Fields>): Stream {
    return mapRows(this.base, 'flat_map', output, fill, options);
  }

  mapBatches(output: Schema, convert: (batch: Batch) => Batch, options?: MapOptions<Fields>): Stream {
    return mapBatches(this.base, output, convert, options);
  }

  asyncMap(output: Schema, call: AsyncMapDescription['call'], options?: AsyncMapOptions<Fields>): Stream {
    return asyncMap(this.base, output, call, options);
  }

  topN(options: TopNOptions<Fields>): Table<Ranked<Fields>, 'rank'> {
    return topN(this.base, [], options);
  }

  toStream(options?: { readonly name?: string; readonly column?: string }): Stream {
    return tableStream(this.base, options);
  }

  rebatch(size: RebatchOptions, options?: NamedOptions): Stream {
    return this.apply(rebatchSpec(this.schema, size, options?.name));
  }

  tap(observe: (batch: Batch) => void, options?: NamedOptions): Stream {
    const { changelogKey } = this;
    const spec = tapSpec(this.schema, observe, options?.name);
    return this.apply(changelogKey === undefined ? spec : { ...spec, changelogKey, takesChangelog: true });
  }

  apply(spec: OperatorSpec, ...others: readonly StreamRef[]): AppliedStream {
    const node = operatorNode(spec, [this.edge, ...others.map(({ edge }) => edge)]);
    return appliedStream(node, spec);
  }

  explain(): string {
    return explainStream(this.edge);
  }

  [Symbol.asyncIterator](): AsyncIterator<Batch> {
    return iterateStream((sink, options) => this.to(sink, options));
  }

  to(sink: Sink, options?: NamedOptions): SinkNode {
    return { kind: 'sink', name: options?.name, outputs: [], input: this.edge, sink };
  }

  private stateless({ step, output }: DescribedStep, options: NamedOptions | undefined): Stream {
    const node: StatelessNode = {
      kind: 'stateless',
      name: options?.name,
      outputs: [output],
      input: this.edge,
      steps: [step],
    };
    return streamOf({ node, port: 0 });
  }
}

/** The main output of an operator's node, with its side outputs by name. */
export function appliedStream<S extends AppliedStream>(node: PlanNode, spec: OperatorSpec): S {
  const stream = streamOf<S>({ node, port: 0 });
  const names = Object.keys(spec.sideOutputs ?? {});
  const side = (name: string): Stream => {
    const index = names.indexOf(name);
    if (index < 0) {
      throw streamErrors.error('PLAN_INVALID', {
        what: `cannot read side output "${name}" of operator ${spec.name ?? spec.kind}`,
        why: names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`,
      });
    }
    return streamOf({ node, port: index + 1 });
  };
  return Object.assign(stream, { side });
}
