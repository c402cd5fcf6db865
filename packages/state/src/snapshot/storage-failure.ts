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

/** The `code` of a Node.js system error, or an empty string. */
export function errorCodeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
