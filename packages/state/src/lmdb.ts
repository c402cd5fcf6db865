/** The store in a folder, apart from the rest so that users of the memory store do not load LMDB. */
export type { Durability } from './lmdb/environment.js';
export { type LmdbStateStore, type LmdbStateStoreOptions, openLmdbStateStore } from './lmdb/lmdb-store.js';
export type { RestoreOutcome } from './lmdb/restore.js';
