import { type DataType, defineSchema, type Fields, nullable, type Schema, timestamp, utf8 } from '@sabot/columnar';
import { isSabotError } from '@sabot/core-observability/errors';
import { streamErrors } from '../../errors.js';

const added = {
  _operator: utf8(),
  _error_code: utf8(),
  _error_message: utf8(),
  _trace_id: nullable(utf8()),
  _failed_at: timestamp('ms'),
} as const;

/** A dead letter: the columns of the refused row, then who refused it, why, in which trace and when. */
export type DeadLetterFields<In extends Fields> = In & typeof added;

/** The columns of dead letters. Fails with `SABOT_STREAM_PLAN_INVALID` when the input has one of the added names. */
export function deadLetterSchema<In extends Fields>(input: Schema<In>): Schema<DeadLetterFields<In>> {
  const taken = Object.keys(added).find((name) => Object.hasOwn(input.fields, name));
  if (taken !== undefined) {
    throw streamErrors.error('PLAN_INVALID', {
      what: 'cannot keep dead letters',
      why: `the rows have a column "${taken}", which dead letters need`,
      remedy: 'Rename the column with select before the operator.',
    });
  }
  const fields: Record<string, DataType> = { ...input.fields, ...added };
  // Exactly the columns of the input and the added ones.
  return defineSchema(fields) as unknown as Schema<DeadLetterFields<In>>;
}

/** Where and when a row was refused. */
export interface Refusal {
  readonly operator: string;
  readonly traceId: string | undefined;
  readonly atMs: number;
}

/** The added columns of one dead letter. */
export function refusalColumns(error: unknown, { operator, traceId, atMs }: Refusal) {
  return {
    _operator: operator,
    _error_code: isSabotError(error) ? error.code : streamErrors.code('OPERATOR_FAILED'),
    _error_message: messageOf(error),
    _trace_id: traceId ?? null,
    _failed_at: atMs,
  };
}

function messageOf(error: unknown): string {
  if (isSabotError(error)) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
