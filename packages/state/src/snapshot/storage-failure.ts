import { getSystemErrorName } from 'node:util';
import { stateErrors } from '../errors.js';

const READ_ONLY = new Set(['EACCES', 'EROFS', 'EPERM']);
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** The coded error for a failure of the operating system: `STORAGE_READ_ONLY`, `STORAGE_FULL` or `STORAGE_FAILED`. */
export function storageFailure(what: string, cause: unknown) {
  const code = errorCodeOf(cause);
  const why = cause instanceof Error ? cause.message : String(cause);
  if (READ_ONLY.has(code)) return stateErrors.error('STORAGE_READ_ONLY', { what, why, cause });
  if (FULL.has(code)) return stateErrors.error('STORAGE_FULL', { what, why, cause });
  return stateErrors.error('STORAGE_FAILED', { what, why, cause });
}

/** The name of a system error (`ENOSPC`) or the code of another one; an empty string when there is none. */
export function errorCodeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  // LMDB gives the number of the error, as positive.
  if (typeof error.code === 'number') return isErrorNumber(error.code) ? getSystemErrorName(-error.code) : '';
  return typeof error.code === 'string' ? error.code : '';
}

function isErrorNumber(code: number): boolean {
  return Number.isInteger(code) && code > 0 && code < 4096;
}
