import { columnsOf, type Expr } from '@sabot/columnar/expressions';
import { CHANGE_COLUMN } from '../changelog/change-kind.js';
import { streamErrors } from '../errors.js';
import type { PlanOutput } from './plan-output.js';

type Expressions = Readonly<Record<string, Expr>>;

/** What a projection of a changelog selects: the given columns, among them its key as it is, and the changes. */
export function selectedChanges(input: PlanOutput, expressions: Expressions): Expressions {
  assertUnreserved(expressions);
  const { changelogKey } = input;
  if (changelogKey === undefined) return expressions;
  for (const key of changelogKey) {
    const expression = expressions[key];
    if (expression !== undefined && plainColumn(expression) === key) continue;
    throw streamErrors.error('PLAN_INVALID', {
      what: `cannot leave out or replace column "${key}"`,
      why: `rows of this changelog are told apart by ${changelogKey.join(', ')}`,
      remedy: 'Select the key columns as they are, beside the others.',
    });
  }
  return { ...expressions, [CHANGE_COLUMN]: columnsOf(input.schema)[CHANGE_COLUMN] as Expr };
}

/** Throws if added columns would replace a changelog's key or its changes. */
export function assertChangesKept({ changelogKey }: PlanOutput, expressions: Expressions): void {
  assertUnreserved(expressions);
  for (const key of changelogKey ?? []) {
    const expression = expressions[key];
    if (expression === undefined || plainColumn(expression) === key) continue;
    throw streamErrors.error('PLAN_INVALID', {
      what: `cannot replace column "${key}"`,
      why: 'rows of this changelog are told apart by it',
      remedy: 'Give the new column another name.',
    });
  }
}

function assertUnreserved(expressions: Expressions): void {
  if (!Object.hasOwn(expressions, CHANGE_COLUMN)) return;
  throw streamErrors.error('PLAN_INVALID', {
    what: `cannot name a column "${CHANGE_COLUMN}"`,
    why: 'that column says what the rows of a changelog do',
    remedy: 'Give the column another name.',
  });
}

/** The column that an expression is, unchanged, or undefined when it computes something. */
export function plainColumn({ node }: Expr): string | undefined {
  return node.op === 'column' ? node.name : undefined;
}
