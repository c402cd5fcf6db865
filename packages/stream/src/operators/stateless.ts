import { compilePipeline } from '@sabot/columnar/expressions';
import { FilteredChanges } from '../changelog/filtered-changes.js';
import type { StatelessNode } from '../plan/plan-node.js';
import type { ExpressionMode } from '../ports/expression-mode.js';
import type { Operator } from '../ports/operator.js';
import { passingOperator } from './passing-operator.js';

/**
 * Filters, projections and derived columns as one compiled loop per batch. Compiled against the first batch's schema,
 * because a source may have been asked for fewer columns than the stream was described with.
 */
export function createStatelessOperator(node: StatelessNode, mode: ExpressionMode = 'auto'): Operator {
  let pipeline: ReturnType<typeof compilePipeline> | undefined;
  if (dropsChanges(node)) return changelogOperator(node);
  return passingOperator((batch, output) => {
    pipeline ??= compilePipeline(batch.schema, node.steps, { mode });
    output.emit(pipeline.run(batch));
  });
}

function dropsChanges({ outputs, steps }: StatelessNode): boolean {
  return outputs[0]?.changelogKey !== undefined && steps.some((step) => 'filter' in step);
}

function changelogOperator(node: StatelessNode): Operator {
  const changes = new FilteredChanges();
  let pipeline: ReturnType<typeof compilePipeline> | undefined;
  return passingOperator((batch, output) => {
    const numbered = changes.number(batch);
    pipeline ??= compilePipeline(numbered.schema, node.steps);
    output.emit(changes.restore(batch, pipeline.run(numbered)));
  });
}
