import { createMemoryStateStore } from '@sabot/state';

/** A memory store whose n-th write fails, once: a disk that recovers. */
export function storeFailingAtWrite(n: number) {
  const store = createMemoryStateStore();
  const put = store.put.bind(store);
  let writes = 0;
  return Object.assign(store, {
    put(key: Uint8Array, value: Uint8Array) {
      if (++writes === n) throw new Error('disk');
      put(key, value);
    },
  });
}

/** A memory store that lends its bytes as Buffers over memory it uses again, as a database does. */
export function lendingStore() {
  const store = createMemoryStateStore();
  const get = store.get.bind(store);
  const lent = Buffer.alloc(4096);
  return Object.assign(store, {
    get(key: Uint8Array) {
      const value = get(key);
      if (value === undefined) return undefined;
      lent.set(value);
      return lent.subarray(0, value.length);
    },
  });
}
