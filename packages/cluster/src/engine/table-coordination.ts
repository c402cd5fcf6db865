import type { Coordination } from './engine.js';
import type { KeyTable } from './key-table.js';

/** The coordination space of an engine that keeps it in a table of its own. */
export function tableCoordination(table: KeyTable): Coordination {
  return {
    get: async (key) => table.get(key),
    put: (key, value, expected) => table.write(key, value, expected),
    delete: async (key, expected) => (await table.write(key, undefined, expected)) !== undefined,
    list: async (prefix) => table.list(prefix),
    watch: (prefix, signal) => table.watch(prefix, signal),
  };
}
