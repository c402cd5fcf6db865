/**
 * A function per batch.
 *
 * Algorithm: the function is called with each batch. Under `skip` and `deadLetter`, a batch that it fails on is halved
 * until the rows that it fails on stand alone.
 * State: none.
 * Correctness: results do not depend on how rows are cut if the function works row by row; rows that pass keep their order.
 * Cost per batch: one call; with f failing rows of n, up to 2 · f · log2(n) more.
 */
import { type Batch, describeSchema, type Schema, sameSchema, sliceBatch } from '@sabot/columnar';
import { streamErrors } from '../../errors.js';
import type { OperatorSpec } from '../../plan/operator-spec.js';
import type { Operator, OperatorContext, OperatorOutput } from '../../ports/operator.js';
import { deadLetterOutput, type ErrorPolicy, FailedRows } from '../failures/failed-rows.js';
import { createOperatorStats } from '../operator-stats.js';

export interface MapBatchesDescription {
  readonly name: string | undefined;
  readonly input: Schema;
  readonly output: Schema;
  readonly eventTime: string | null | undefined;
  readonly onError: ErrorPolicy;
  readonly call: (batch: Batch) => Batch;
}

/** The operator spec of a function per batch; side output `deadLetters` under that policy. */
export function mapBatchesSpec(description: MapBatchesDescription): OperatorSpec {
  const { name, input, output, eventTime, onError } = description;
  return {
    kind: 'map_batches',
    ...(name === undefined ? {} : { name }),
    schema: output,
    ...(eventTime === undefined ? {} : { eventTime }),
    sideOutputs: deadLetterOutput(onError, input),
    distribution: 'local',
    describe: `on error ${onError}`,
    create: () => new MapBatches(description.call, input, output, onError),
  };
}

/** Calls a function with batches; also what filters and projections with an error policy run in. */
export class MapBatches implements Operator {
  readonly stats = createOperatorStats();
  private readonly call: (batch: Batch) => Batch;
  private readonly output: Schema | undefined;
  private readonly failed: FailedRows;

  /** `output` undefined: the function is known to give the right schema. */
  constructor(call: (batch: Batch) => Batch, input: Schema, output: Schema | undefined, onError: ErrorPolicy) {
    this.call = call;
    this.output = output;
    this.failed = new FailedRows(onError, input, this.stats);
  }

  open(context: OperatorContext): void {
    this.failed.open(context);
  }

  process(batch: Batch, _input: number, output: OperatorOutput): void {
    if (this.failed.fatal) output.emit(this.checked(this.call(batch)));
    else this.split(batch, output);
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

  private split(batch: Batch, output: OperatorOutput): void {
    const result = this.tried(batch);
    if (result !== undefined) output.emit(result);
    if (result !== undefined || batch.numRows < 2) return;
    const middle = batch.numRows >> 1;
    this.split(sliceBatch(batch, 0, middle), output);
    this.split(sliceBatch(batch, middle), output);
  }

  /** Undefined when the function failed; a row that stands alone has been refused then. */
  private tried(batch: Batch): Batch | undefined {
    try {
      return this.checked(this.call(batch));
    } catch (error) {
      if (batch.numRows === 1) this.failed.refuse(batch, 0, error);
      return undefined;
    }
  }

  private checked(result: Batch): Batch {
    if (this.output === undefined || result.schema === this.output || sameSchema(result.schema, this.output))
      return result;
    throw streamErrors.error('SCHEMA_MISMATCH', {
      what: `a function gave a batch of (${describeSchema(result.schema)})`,
      why: `it is declared to give (${describeSchema(this.output)})`,
    });
  }
}
