import { describeSchema } from '../schema/define-schema.js';
import type { Schema } from '../schema/schema.js';
import { describeNode } from './describe.js';
import type { Step } from './step.js';

/** Steps as text, one a line, between the columns that go in and those that come out. */
export function describeSteps(input: Schema, steps: readonly Step[], output: Schema, mode: string): string {
  const lines = [`from ${describeSchema(input)}`, ...steps.map(describeStep)];
  return [...lines, `gives ${describeSchema(output)} (${mode})`].join('\n');
}

function describeStep(step: Step): string {
  if ('filter' in step) return `filter ${describeNode(step.filter.node)}`;
  const [word, columns] = 'select' in step ? ['select', step.select] : ['with', step.withColumns];
  const entries = Object.entries(columns).map(([name, { node }]) => `${describeNode(node)} as ${name}`);
  return `${word} ${entries.join(', ')}`;
}
