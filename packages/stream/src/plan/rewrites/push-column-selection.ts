import type { Plan, PlannedNode } from '../plan.js';
import type { SourceNode } from '../plan-node.js';
import type { Rewrite } from '../rewrite.js';
import { columnsRead } from '../stateless-step.js';

/**
 * A source whose readers all project away columns is asked only for those that they read, and for its time column.
 * Only projections right behind the source count: no other operator ever sees the narrower batches.
 */
export const pushColumnSelection: Rewrite = {
  name: 'push-column-selection',
  apply(plan) {
    for (const planned of plan.nodes) {
      if (planned.node.kind !== 'source' || planned.node.columns !== undefined) continue;
      const columns = neededColumns(plan, planned.id, planned.node);
      if (columns !== undefined) return narrowed(plan, planned, planned.node, columns);
    }
    return plan;
  },
};

/** In the source's order; undefined when nothing can be left out. */
function neededColumns(plan: Plan, id: string, source: SourceNode): readonly string[] | undefined {
  const output = source.outputs[0];
  if (output === undefined) return undefined;
  const needed = new Set<string>(output.eventTime === undefined ? [] : [output.eventTime]);
  for (const column of source.watermark?.columns ?? []) needed.add(column);
  for (const reader of plan.nodes.filter(({ inputs }) => inputs.some(({ from }) => from === id))) {
    const read = reader.node.kind === 'stateless' ? columnsRead(reader.node.steps) : undefined;
    if (read === undefined) return undefined;
    for (const column of read) needed.add(column);
  }
  const columns = output.schema.names.filter((name) => needed.has(name));
  // A batch without columns would not know its number of rows.
  return columns.length > 0 && columns.length < output.schema.names.length ? columns : undefined;
}

function narrowed(plan: Plan, source: PlannedNode, node: SourceNode, columns: readonly string[]): Plan {
  return {
    job: plan.job,
    nodes: plan.nodes.map((planned) => (planned === source ? { ...planned, node: { ...node, columns } } : planned)),
  };
}
