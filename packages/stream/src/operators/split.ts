import type { Batch, Column, Schema } from '@sabot/columnar';
import { columnsOf, compilePipeline } from '@sabot/columnar/expressions';
import { filterBatch } from '@sabot/columnar/kernels';
import { streamErrors } from '../errors.js';
import type { OperatorSpec } from '../plan/operator-spec.js';
import type { AnyColumns, Condition } from '../plan/stateless-step.js';
import type { ExpressionMode } from '../ports/expression-mode.js';
import type { OperatorOutput } from '../ports/operator.js';
import { isTrue } from './condition-column.js';
import { passingOperator } from './passing-operator.js';

type Predicates = Readonly<Record<string, (columns: AnyColumns) => Condition>>;

/** Sends every row to the first branch whose condition is true (ports 1, 2, …), else to the main output. */
export function splitSpec(schema: Schema, branches: Predicates, name: string | undefined): OperatorSpec {
  const names = Object.keys(branches);
  if (names.length === 0 || names.includes('rest')) {
    throw streamErrors.error('PLAN_INVALID', {
      what: 'cannot split a stream',
      why: names.length === 0 ? 'no branch is given' : '"rest" is the name of the branch for all other rows',
    });
  }
  return {
    kind: 'split',
    distribution: 'local',
    ...(name === undefined ? {} : { name }),
    schema,
    sideOutputs: Object.fromEntries(names.map((branch) => [branch, schema])),
    describe: names.join(', '),
    create: (mode) => splitOperator(schema, branches, mode),
  };
}

function splitOperator(schema: Schema, branches: Predicates, mode: ExpressionMode = 'auto') {
  const refs = columnsOf(schema);
  const conditions = Object.fromEntries(Object.entries(branches).map(([name, predicate]) => [name, predicate(refs)]));
  const pipeline = compilePipeline(schema, [{ select: conditions }], { mode });
  return passingOperator((batch, output) => distribute(batch, pipeline.run(batch).columns, output));
}

/** One pass over the rows numbers each row's port, one pass per port takes its rows. */
function distribute(batch: Batch, conditions: readonly Column[], output: OperatorOutput): void {
  const ports = new Uint16Array(batch.numRows);
  for (let branch = conditions.length - 1; branch >= 0; branch--) {
    const condition = conditions[branch] as Column;
    for (let row = 0; row < batch.numRows; row++) if (isTrue(condition, row)) ports[row] = branch + 1;
  }
  for (let port = 0; port <= conditions.length; port++) {
    const rows = new Int32Array(batch.numRows);
    let count = 0;
    for (let row = 0; row < batch.numRows; row++) if (ports[row] === port) rows[count++] = row;
    output.emit(filterBatch(batch, rows, count), port);
  }
}
