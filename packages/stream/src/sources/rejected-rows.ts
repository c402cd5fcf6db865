import {
  type Batch,
  type BatchBuilder,
  createBatchBuilder,
  defineSchema,
  int32,
  nullable,
  utf8,
} from '@sabot/columnar';
import { deadLetterSchema, refusalColumns } from '../operators/failures/dead-letter.js';
import { type ErrorPolicy, requirePolicy } from '../operators/failures/failed-rows.js';

/** A row that could not be decoded: where it stood and what stood there, then the columns of every dead letter. */
export const rejectedRowSchema = deadLetterSchema(defineSchema({ line: nullable(int32()), text: utf8() }));

/** The columns of rows that a source could not decode. */
export type RejectedRowFields = (typeof rejectedRowSchema)['fields'];

/** No more of a row is kept than this. */
const MAX_TEXT = 65_536;

/** What has become of rows since the last batch; spread into a `Polled` batch. */
export interface Rejections {
  readonly skippedRows?: number;
  readonly rejected?: Batch;
}

/** Carries out the error policy of a source that decodes rows. */
export class RejectedRows {
  private readonly policy: ErrorPolicy;
  private readonly source: string;
  private readonly letters: BatchBuilder<RejectedRowFields> = createBatchBuilder(rejectedRowSchema);
  private skipped = 0;

  constructor(policy: ErrorPolicy, source: string) {
    requirePolicy(policy);
    this.policy = policy;
    this.source = source;
  }

  /** Rows set aside since the last `take`. */
  get count(): number {
    return this.skipped + this.letters.numRows;
  }

  /** Says that a row could not be decoded; throws the error again when the policy is `fail`. */
  refuse(error: unknown, line: number, text: string): void {
    if (this.policy === 'fail') throw error;
    if (this.policy === 'skip') {
      this.skipped++;
      return;
    }
    const refusal = { operator: this.source, traceId: undefined, atMs: Date.now() };
    this.letters.append({ line, text: text.slice(0, MAX_TEXT), ...refusalColumns(error, refusal) });
  }

  take(): Rejections {
    const { skipped, letters } = this;
    this.skipped = 0;
    return {
      ...(skipped === 0 ? {} : { skippedRows: skipped }),
      ...(letters.numRows === 0 ? {} : { rejected: letters.finish() }),
    };
  }
}

/** What a source with this policy declares: rows that it rejects have columns only where they go somewhere. */
export function rejects(policy: ErrorPolicy): { readonly rejects?: typeof rejectedRowSchema } {
  requirePolicy(policy);
  return policy === 'deadLetter' ? { rejects: rejectedRowSchema } : {};
}
