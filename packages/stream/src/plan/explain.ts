import { describeSchema } from '@sabot/columnar';
import { describeExpression, type Expr } from '@sabot/columnar/expressions';
import { kindOf, type Plan, type PlannedNode } from './plan.js';
import type { StatelessStep } from './stateless-step.js';

/** A plan before and after its rewrites, one line per node, inputs before those that read them. */
export function explainPlan(described: Plan, optimised: Plan, applied: readonly string[]): string {
  const rewrites = applied.length === 0 ? 'no rewrites' : `rewrites: ${applied.join(', ')}`;
  return [
    `job ${described.job}`,
    '',
    'as described',
    ...linesOf(described),
    '',
    `as run (${rewrites})`,
    ...linesOf(optimised),
    '',
  ].join('\n');
}

function linesOf(plan: Plan): readonly string[] {
  return plan.nodes.map((planned) => {
    const inputs = planned.inputs.map(({ from, port }) => (port === 0 ? from : `${from}:${port}`)).join(', ');
    return `  ${planned.id}  [${describe(planned)}]${inputs === '' ? '' : `  ← ${inputs}`}${outputText(planned)}`;
  });
}

function outputText({ node }: PlannedNode): string {
  const output = node.outputs[0];
  if (output === undefined) return '';
  const time = output.eventTime === undefined ? '' : `, time ${output.eventTime}`;
  const changelog = output.changelogKey === undefined ? '' : `, changelog by ${output.changelogKey.join(' ')}`;
  return `  → (${describeSchema(output.schema)}${time}${changelog})`;
}

function describe({ node }: PlannedNode): string {
  switch (node.kind) {
    case 'source': {
      const columns = node.columns === undefined ? '' : `, reads ${node.columns.join(' ')}`;
      const watermark = node.watermark === undefined ? '' : `, watermark ${node.watermark.describe}`;
      return `source ${node.source.name}${columns}${watermark}`;
    }
    case 'stateless':
      return node.steps.map(stepText).join(', then ');
    case 'operator':
      return [kindOf(node), node.spec.describe].filter((part) => part !== undefined).join(': ');
    case 'sink':
      return `sink ${node.sink.name}, ${node.sink.guarantee}`;
  }
}

function stepText(step: StatelessStep): string {
  if ('filter' in step) return `filter ${describeExpression(step.filter)}`;
  return 'select' in step ? `select ${columnsText(step.select)}` : `with ${columnsText(step.withColumns)}`;
}

function columnsText(columns: Readonly<Record<string, Expr>>): string {
  return Object.entries(columns)
    .map(([name, expression]) => {
      const text = describeExpression(expression);
      return text === name ? name : `${name} = ${text}`;
    })
    .join(', ');
}
