import { stateErrors } from '../errors.js';

/** The longest key of every store: what LMDB can index. Memory has the same limit, so that tests find what LMDB would refuse. */
export const MAX_KEY_BYTES = 1978;

/** Fails with `KEY_SIZE` for an empty or too long key. */
export function checkKey(key: Uint8Array): void {
  if (key.length > 0 && key.length <= MAX_KEY_BYTES) return;
  throw stateErrors.error('KEY_SIZE', {
    what: 'cannot use a state key',
    why: key.length === 0 ? 'it is empty' : `it has ${key.length} bytes, the limit is ${MAX_KEY_BYTES}`,
  });
}

/** The failure of using a closed store. */
export function storeClosed(store: string) {
  return stateErrors.error('STORE_CLOSED', { what: `cannot use the ${store}`, why: 'it has been closed' });
}
