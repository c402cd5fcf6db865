import { type Batch, createBatch, defineSchema, type Fields, int8, makeColumn, type Schema } from '@sabot/columnar';

/**
 * The column that carries what each row of a changelog does. An ordinary column for whatever does not know it: IPC,
 * checkpoints and exchanges carry it as they carry any other. Append-only streams do not have it.
 */
export const CHANGE_COLUMN = '$change';

export const CHANGE_TYPE = int8();

/** The row is new: none of its key was there. */
export const INSERT = 0;
/** The row as it was; the next row of the same batch is its `UPDATE_AFTER`. */
export const UPDATE_BEFORE = 1;
/** The row as it is from now on. */
export const UPDATE_AFTER = 2;
/** The row is gone; its columns say what it was. */
export const DELETE = 3;

const LABELS = ['+I', '-U', '+U', '-D'] as const;

/** The kind of a change in writing. */
export type ChangeLabel = (typeof LABELS)[number];

/** Columns `F` with what each row does: what flows along a changelog. */
export type Changed<F extends Fields> = {
  readonly [N in keyof F | '$change']: N extends keyof F ? F[N] : typeof CHANGE_TYPE;
};

/** `+I`, `-U`, `+U` or `-D`. */
export function changeLabel(kind: number): ChangeLabel {
  const label = LABELS[kind];
  if (label === undefined) throw new RangeError(`${kind} is no kind of change`);
  return label;
}

/** The schema of a changelog of these columns: `$change` comes last. */
export function withChanges<F extends Fields>(schema: Schema<F>): Schema<Changed<F>> {
  // Spelled out by name, which the type does too.
  return defineSchema({ ...schema.fields, [CHANGE_COLUMN]: CHANGE_TYPE }, schema.metadata) as unknown as Schema<
    Changed<F>
  >;
}

/** The schema of a changelog's rows, without what they do. */
export function withoutChanges(schema: Schema): Schema {
  const { [CHANGE_COLUMN]: _kind, ...fields } = schema.fields;
  return defineSchema(fields, schema.metadata);
}

/** What each row of the batch does, or undefined for a batch of an append-only stream. */
export function changesOf(batch: Batch): Int8Array | undefined {
  if (!Object.hasOwn(batch.schema.fields, CHANGE_COLUMN)) return undefined;
  // A column of this name is an int8 column: nobody else may make one.
  return batch.column(CHANGE_COLUMN).values as Int8Array;
}

/** The rows of a batch with what each does, which is taken over and not copied. `schema`: as `withChanges` gives it. */
export function changelogBatch(schema: Schema, batch: Batch, changes: Int8Array): Batch {
  const column = makeColumn(CHANGE_TYPE, batch.numRows, { values: changes.subarray(0, batch.numRows) });
  return createBatch(schema, [...batch.columns, column], batch.numRows);
}
