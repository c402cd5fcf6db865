import { compilePipeline } from '@sabot/columnar/expressions';
import type { StatelessNode } from '../plan/plan-node.js';
import type { Operator } from '../ports/operator.js';
import { passingOperator } from './passing-operator.js';

/**
 * Filters, projections and derived columns as one compiled loop per batch. Compiled against the first batch's schema,
 * because a source may have been asked for fewer columns than the stream was described with.
 */
export function createStatelessOperator(node: StatelessNode): Operator {
  let pipeline: ReturnType<typeof compilePipeline> | undefined;
  return passingOperator((batch, output) => {
    pipeline ??= compilePipeline(batch.schema, node.steps);
    output.emit(pipeline.run(batch));
  });
}
