/**
 * A function per row: one row out of each (`map`), or any number (`flatMap`).
 *
 * Algorithm: a cursor over the input, one draft object for the output; each emitted draft is appended column by column.
 * State: none.
 * Correctness: rows in order. A row whose function throws leaves nothing behind, also not what it had emitted before.
 * Cost per batch: one call per row and one append per output row; no object per row.
 */
import {
  type Batch,
  type BatchBuilder,
  createBatchBuilder,
  createRowCursor,
  type Fields,
  type RowCursor,
  type RowOf,
  type Schema,
  sliceBatch,
} from '@sabot/columnar';
import type { OperatorSpec } from '../../plan/operator-spec.js';
import type { Operator, OperatorContext, OperatorOutput } from '../../ports/operator.js';
import { deadLetterOutput, type ErrorPolicy, FailedRows } from '../failures/failed-rows.js';
import { createOperatorStats } from '../operator-stats.js';
import { createDraft, type ReusableDraft } from './row-draft.js';

/** Rows of output that are gathered into one batch, give or take those of one input row. */
const OUTPUT_ROWS = 8192;

/** Reads a row and sets the draft; `emit` appends the draft as it stands. */
export type RowFunction = (row: RowOf<Fields>, draft: Record<string, unknown>, emit: () => void) => void;

export interface MapRowsDescription {
  readonly kind: 'map' | 'flat_map';
  readonly name: string | undefined;
  readonly input: Schema;
  readonly output: Schema;
  readonly eventTime: string | null | undefined;
  readonly onError: ErrorPolicy;
  readonly call: RowFunction;
}

/** The operator spec of a function per row; side output `deadLetters` under that policy. */
export function mapRowsSpec(description: MapRowsDescription): OperatorSpec {
  const { kind, name, input, output, eventTime, onError } = description;
  return {
    kind,
    ...(name === undefined ? {} : { name }),
    schema: output,
    ...(eventTime === undefined ? {} : { eventTime }),
    sideOutputs: deadLetterOutput(onError, input),
    distribution: 'local',
    describe: `on error ${onError}`,
    create: () => new MapRows(description),
  };
}

class MapRows implements Operator {
  readonly stats = createOperatorStats();
  private readonly call: RowFunction;
  private readonly failed: FailedRows;
  private readonly cursor: RowCursor<Fields>;
  private readonly draft: ReusableDraft;
  private readonly builder: BatchBuilder<Fields>;
  private readonly emit: () => void;

  constructor({ call, input, output, onError }: MapRowsDescription) {
    this.call = call;
    this.failed = new FailedRows(onError, input, this.stats);
    this.cursor = createRowCursor(input);
    this.draft = createDraft(output);
    this.builder = createBatchBuilder(output);
    // Nulls in columns that have none, and values of the wrong type, are refused by the builder.
    this.emit = () => this.builder.append(this.draft.row as RowOf<Fields>);
  }

  open(context: OperatorContext): void {
    this.failed.open(context);
  }

  process(batch: Batch, _input: number, output: OperatorOutput): void {
    const { cursor, draft, builder, call, emit } = this;
    cursor.open(batch);
    for (let row = 0; row < batch.numRows; row++) {
      cursor.row = row;
      draft.clear();
      const before = builder.numRows;
      try {
        call(cursor.value, draft.row, emit);
      } catch (error) {
        this.refuse(batch, row, error, before, output);
      }
      if (builder.numRows >= OUTPUT_ROWS) output.emit(builder.finish());
    }
    if (builder.numRows > 0) output.emit(builder.finish());
    this.failed.flush(output);
  }

  onSignal(): void {
    // Every row has gone out with its batch.
  }

  snapshot(): undefined {
    return undefined;
  }

  restore(): void {
    // There is no state.
  }

  close(): void {
    // There is nothing to close.
  }

  /** Takes back what the row had emitted. */
  private refuse(batch: Batch, row: number, error: unknown, before: number, output: OperatorOutput): void {
    this.failed.refuse(batch, row, error);
    if (this.builder.numRows > before) output.emit(sliceBatch(this.builder.finish(), 0, before));
  }
}
