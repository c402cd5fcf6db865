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
