import {
  type Batch,
  type BatchBuilder,
  createBatchBuilder,
  type DataType,
  defineSchema,
  type Fields,
  nullable,
  rowAt,
  type Schema,
  timestamp,
  utf8,
} from '@sabot/columnar';
import { isSabotError } from '@sabot/core-observability/errors';
import { agentsErrors } from '../errors.js';

const added = {
  _agent: utf8(),
  _error_code: utf8(),
  _error_message: utf8(),
  _trace_id: nullable(utf8()),
  _failed_at: timestamp('ms'),
} as const;

/** A dead letter: the agent's input columns, then who refused the row, why, in which trace and when. */
export type DeadLetterFields<In extends Fields> = In & typeof added;

/** Errors: `DEFINITION_INVALID` for an input column that has one of the added names. */
export function deadLetterSchema<In extends Fields>(agent: string, input: Schema<In>): Schema<DeadLetterFields<In>> {
  const taken = Object.keys(added).find((name) => Object.hasOwn(input.fields, name));
  if (taken !== undefined) {
    throw agentsErrors.error('DEFINITION_INVALID', {
      what: `cannot keep dead letters of agent "${agent}"`,
      why: `its input has a column "${taken}", which dead letters need`,
    });
  }
  const fields: Record<string, DataType> = { ...input.fields, ...added };
  return defineSchema(fields) as unknown as Schema<DeadLetterFields<In>>;
}

/** What is written beside a row. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** A failure as a dead letter says it. */
export function refusalOf(error: unknown): Refusal {
  if (isSabotError(error)) return { code: error.code, message: error.message };
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: agentsErrors.code('TASK_FAILED'), message };
}

/** Collects the refused rows of a batch. */
export class DeadLetterOffice {
  private readonly agent: string;
  private readonly builder: BatchBuilder<Fields>;

  constructor(agent: string, schema: Schema) {
    this.agent = agent;
    this.builder = createBatchBuilder(schema);
  }

  add(batch: Batch, row: number, refusal: Refusal, traceId: string | undefined, nowMs: number): void {
    this.builder.append({
      ...rowAt(batch, row),
      _agent: this.agent,
      _error_code: refusal.code,
      _error_message: refusal.message,
      _trace_id: traceId ?? null,
      _failed_at: nowMs,
    });
  }

  /** The letters since the last call. */
  take(): Batch | undefined {
    return this.builder.numRows === 0 ? undefined : this.builder.finish();
  }
}
