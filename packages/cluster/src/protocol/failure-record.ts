import { isSabotError, SabotError } from '@sabot/core-observability/errors';

/** A failure as it travels through the coordination space. */
export interface FailureRecord {
  /** Of a coded error; else the name of what was thrown. */
  readonly code: string;
  readonly usage: boolean;
  readonly what: string;
  readonly why: string;
  readonly remedy: string;
  /** What it came of. */
  readonly cause?: FailureRecord;
}

/** How long a chain of causes may be; records are small. */
const MOST_CAUSES = 4;

/** A thrown value as a record that another process can show. */
export function failureRecord(error: unknown, mostCauses = MOST_CAUSES): FailureRecord {
  const below = error instanceof Error && mostCauses > 0 ? error.cause : undefined;
  const cause = below === undefined ? {} : { cause: failureRecord(below, mostCauses - 1) };
  if (isSabotError(error)) {
    const { code, kind, what, why, remedy } = error;
    return { code, usage: kind === 'usage', what, why, remedy, ...cause };
  }
  const message = error instanceof Error ? error.message : String(error);
  const name = error instanceof Error ? error.name : typeof error;
  return { code: name, usage: false, what: `${name} was thrown`, why: message, remedy: '', ...cause };
}

/** The failure as an error again, with its own code and its causes: what a caller in another process handles. */
export function failureError({ cause: below, code, remedy, usage, what, why }: FailureRecord): Error {
  const cause = below === undefined ? undefined : failureError(below);
  if (code.startsWith('SABOT_')) {
    return new SabotError(code, usage ? 'usage' : 'operational', { what, why, remedy, cause });
  }
  const error = new Error(why, cause === undefined ? undefined : { cause });
  error.name = code;
  return error;
}

/** What failed and why in one line, its code included. */
export function describeFailure({ code, what, why }: FailureRecord): string {
  return code.startsWith('SABOT_') ? `${what}: ${why} [${code}]` : `${what}: ${why}`;
}
