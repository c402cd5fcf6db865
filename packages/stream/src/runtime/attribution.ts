import { isSabotError, SabotError } from '@sabot/core-observability/errors';
import { streamErrors } from '../errors.js';

const attributed = new WeakSet<object>();

/** Whether the error already names who failed. */
export function isAttributed(error: unknown): boolean {
  return isSabotError(error) && attributed.has(error);
}

/** Takes an error that another thread has put a name to as it is. */
export function adopt(error: SabotError): SabotError {
  attributed.add(error);
  return error;
}

/** The error with the failing operator, source or sink named in it: once, however many stages it passes through. */
export function attribute(error: unknown, role: 'operator' | 'source' | 'sink', id: string, job: string): SabotError {
  if (isSabotError(error) && attributed.has(error)) return error;
  const named = isSabotError(error) ? withName(error, role, id, job) : uncoded(error, role, id, job);
  attributed.add(named);
  return named;
}

function withName(error: SabotError, role: string, id: string, job: string): SabotError {
  return new SabotError(error.code, error.kind, {
    what: `${role} "${id}" of job "${job}": ${error.what}`,
    why: error.why,
    remedy: error.remedy,
    cause: error,
    facts: { ...error.facts, [role]: id, job },
  });
}

const codes = { operator: 'OPERATOR_FAILED', source: 'SOURCE_FAILED', sink: 'SINK_FAILED' } as const;

function uncoded(error: unknown, role: 'operator' | 'source' | 'sink', id: string, job: string): SabotError {
  return streamErrors.error(codes[role], {
    what: `${role} "${id}" of job "${job}" failed`,
    why: error instanceof Error ? error.message || error.name : String(error),
    cause: error,
    facts: { [role]: id, job },
  });
}
