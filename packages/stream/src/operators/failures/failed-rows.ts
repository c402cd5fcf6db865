import { type Batch, type BatchBuilder, createBatchBuilder, type Fields, rowAt, type Schema } from '@sabot/columnar';
import { streamErrors } from '../../errors.js';
import type { OperatorContext, OperatorOutput, OperatorStats } from '../../ports/operator.js';
import { deadLetterSchema, refusalColumns } from './dead-letter.js';

/** Operators with an error policy put results on port 0 and dead letters on this one. */
export const DEAD_LETTER_PORT = 1;

/**
 * What becomes of a row that an operator cannot work on, because it cannot be decoded or a function threw: `fail` (the
 * job ends with the error), `skip` (left out and counted in `skippedRows`), `deadLetter` (goes to the operator's
 * `deadLetters` stream with the error, counted in `deadLetterRows`).
 */
export type ErrorPolicy = 'fail' | 'skip' | 'deadLetter';

const policies: readonly string[] = ['fail', 'skip', 'deadLetter'] satisfies readonly ErrorPolicy[];

/** Throws unless it is a policy. */
export function requirePolicy(policy: string): void {
  if (policies.includes(policy)) return;
  throw streamErrors.error('OPTION_INVALID', {
    what: `cannot use onError "${policy}"`,
    why: `it is one of ${policies.join(', ')}`,
  });
}

/** The side output of an operator with this policy; none unless rows can get there. */
export function deadLetterOutput(policy: ErrorPolicy, input: Schema): { readonly deadLetters?: Schema } {
  requirePolicy(policy);
  return policy === 'deadLetter' ? { deadLetters: deadLetterSchema(input) } : {};
}

/** Carries out the error policy of one operator. */
export class FailedRows {
  private readonly policy: ErrorPolicy;
  private readonly stats: OperatorStats;
  private readonly letters: BatchBuilder<Fields> | undefined;
  private context: OperatorContext | undefined;

  constructor(policy: ErrorPolicy, input: Schema, stats: OperatorStats) {
    this.policy = policy;
    this.stats = stats;
    this.letters = policy === 'deadLetter' ? createBatchBuilder<Fields>(deadLetterSchema(input)) : undefined;
  }

  open(context: OperatorContext): void {
    this.context = context;
  }

  /** Whether a failing row ends the job, so that nobody needs to look for the row. */
  get fatal(): boolean {
    return this.policy === 'fail';
  }

  /** Says that this row of the batch failed so; throws the error again when the policy is `fail`. */
  refuse(batch: Batch, row: number, error: unknown, traceId = this.context?.trace()?.traceId): void {
    if (this.policy === 'fail') throw error;
    if (this.letters === undefined) {
      this.stats.skippedRows++;
      return;
    }
    this.stats.deadLetterRows++;
    const refusal = { operator: this.context?.operatorId ?? '', traceId, atMs: this.context?.clock.now() ?? 0 };
    this.letters.append({ ...rowAt(batch, row), ...refusalColumns(error, refusal) });
  }

  /** Lets the dead letters since the last call go. */
  flush(output: OperatorOutput): void {
    if (this.letters !== undefined && this.letters.numRows > 0) output.emit(this.letters.finish(), DEAD_LETTER_PORT);
  }
}
