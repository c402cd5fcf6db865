import { type Batch, batchOf, createBatch, defineSchema, dictionary, makeColumn, type Schema } from '@sabot/columnar';
import {
  changeLabel,
  changesOf,
  DELETE,
  INSERT,
  UPDATE_AFTER,
  UPDATE_BEFORE,
  withoutChanges,
} from '../../changelog/change-kind.js';
import { streamErrors } from '../../errors.js';
import type { OperatorSpec } from '../../plan/operator-spec.js';
import { passingOperator } from '../passing-operator.js';

/** The type of the column in which a stream of changes says what each row does. */
export const LABEL_TYPE = dictionary();

const labels = batchOf(defineSchema({ label: LABEL_TYPE }), {
  label: [INSERT, UPDATE_BEFORE, UPDATE_AFTER, DELETE].map(changeLabel),
}).column('label').children;

/** The changes of a table as rows of their own, with `+I`, `-U`, `+U`, `-D` in an ordinary column. */
export function tableStreamSpec(table: Schema, column: string, name: string | undefined): OperatorSpec {
  const rows = withoutChanges(table);
  if (Object.hasOwn(rows.fields, column)) {
    throw streamErrors.error('PLAN_INVALID', {
      what: `cannot put the changes of a table into column "${column}"`,
      why: 'its rows have a column of that name',
      remedy: 'Give another name in `column`.',
    });
  }
  const schema = defineSchema({ ...rows.fields, [column]: LABEL_TYPE });
  return {
    kind: 'to_stream',
    ...(name === undefined ? {} : { name }),
    schema,
    takesChangelog: true,
    distribution: 'local',
    describe: `changes in ${column}`,
    create: () => passingOperator((batch, output) => output.emit(labelled(schema, batch))),
  };
}

/** Every change is a row here: nothing changes any more. `$change` stands last and makes room for the label. */
function labelled(schema: Schema, batch: Batch): Batch {
  const changes = changesOf(batch) as Int8Array;
  const label = makeColumn(LABEL_TYPE, batch.numRows, {
    values: Int32Array.from(changes.subarray(0, batch.numRows)),
    children: labels,
  });
  const columns = schema.names.slice(0, -1).map((name) => batch.column(name));
  return createBatch(schema, [...columns, label], batch.numRows);
}
