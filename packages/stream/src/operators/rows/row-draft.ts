import type { Fields, RowOf, Schema } from '@sabot/columnar';

/** One output row in the making: always the same object, with a property per column. */
export type RowDraft<F extends Fields> = { -readonly [N in keyof RowOf<F>]: RowOf<F>[N] };

/** A draft whose columns can be emptied again without making a new object. */
export interface ReusableDraft {
  readonly row: Record<string, unknown>;
  /** Every column null: a column without nulls that is not set afterwards is refused when the row is appended. */
  clear(): void;
}

/** An empty draft of a schema. Sealed: a function that sets a column that is not there fails. */
export function createDraft(schema: Schema): ReusableDraft {
  const { names } = schema;
  const row: Record<string, unknown> = Object.seal(Object.fromEntries(names.map((name) => [name, null])));
  return {
    row,
    clear() {
      for (let column = 0; column < names.length; column++) row[names[column] as string] = null;
    },
  };
}
