import { errors } from '../errors.js';

/** The error for bytes that are not valid Arrow IPC. */
export function malformed(why: string, facts: Readonly<Record<string, string | number>> = {}, cause?: unknown): Error {
  return errors.error('IPC_MALFORMED', { what: 'cannot read Arrow IPC', why, facts, cause });
}
