import type { Fields, Schema } from '../schema/schema.js';
import type { Column } from './column.js';

/** An immutable set of equally long columns with a typed schema: an Arrow record batch seen as buffers. */
export interface Batch<F extends Fields = Fields> {
  readonly schema: Schema<F>;
  readonly numRows: number;
  /** In the schema's field order. */
  readonly columns: readonly Column[];
  /** The column of this name. */
  column<N extends keyof F & string>(name: N): Column<F[N]>;
}
