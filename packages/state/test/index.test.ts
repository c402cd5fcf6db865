import { expect, it, vi } from 'vitest';

it('does not load LMDB for users of the memory store', async () => {
  vi.doMock('lmdb', () => {
    throw new TypeError('lmdb was loaded');
  });
  const { createMemoryStateStore } = await import('../src/index.js');
  expect(createMemoryStateStore().stats.entries).toBe(0);
  await expect(import('../src/lmdb.js')).rejects.toThrow();
});
