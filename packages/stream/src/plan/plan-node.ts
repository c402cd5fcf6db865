import type { Sink } from '../ports/sink.js';
import type { Source } from '../ports/source.js';
import type { WatermarkStrategy } from '../time/watermark-strategy.js';
import type { OperatorSpec } from './operator-spec.js';
import type { PlanOutput } from './plan-output.js';
import type { StatelessStep } from './stateless-step.js';

/** Where a stream comes from: an output port of a described node (0 is the main one). */
export interface PlanEdge {
  readonly node: PlanNode;
  readonly port: number;
}

/** What every node describes: its name as given, and the stream on each of its output ports. */
interface NodeBase {
  /** The user's name, which becomes the id; undefined: a path derived from the plan. */
  readonly name: string | undefined;
  readonly outputs: readonly PlanOutput[];
}

/** Reads a source; time starts here. */
export interface SourceNode extends NodeBase {
  readonly kind: 'source';
  readonly source: Source;
  readonly watermark: WatermarkStrategy | undefined;
  /** A split that has been silent for so long leaves the watermark's minimum; undefined: never. */
  readonly idleTimeoutMs: number | undefined;
  /** Undefined: as the job is started with. */
  readonly batchRows: number | undefined;
  /** Columns the optimiser found to be enough; undefined: all. */
  readonly columns: readonly string[] | undefined;
}

/** Filters, projections and derived columns: neighbours become one compiled loop. */
export interface StatelessNode extends NodeBase {
  readonly kind: 'stateless';
  readonly input: PlanEdge;
  readonly steps: readonly StatelessStep[];
}

/** Any other operator, with one input or several. */
export interface OperatorNode extends NodeBase {
  readonly kind: 'operator';
  readonly inputs: readonly PlanEdge[];
  readonly spec: OperatorSpec;
}

/** The end of a stream. */
export interface SinkNode extends NodeBase {
  readonly kind: 'sink';
  readonly input: PlanEdge;
  readonly sink: Sink;
}

export type PlanNode = SourceNode | StatelessNode | OperatorNode | SinkNode;

/** The edges that a node reads. */
export function inputsOf(node: PlanNode): readonly PlanEdge[] {
  switch (node.kind) {
    case 'source':
      return [];
    case 'operator':
      return node.inputs;
    case 'stateless':
    case 'sink':
      return [node.input];
  }
}

/** The stream that an edge carries. */
export function outputOf(edge: PlanEdge): PlanOutput {
  const output = edge.node.outputs[edge.port];
  if (output === undefined)
    throw new RangeError(`port ${edge.port} of a node with ${edge.node.outputs.length} outputs`);
  return output;
}
