import { expect, it, vi } from 'vitest';
import { startAgent } from '../../src/testing.js';
import { countedNaively, countingAgent, fourKeys } from '../counting-agent.js';
import { storeFailingAtWrite } from '../failing-store.js';
import { jumpingClock } from '../virtual-clock.js';

// The guarantee "a failed batch leaves nothing behind" must be one that a test can see broken.
vi.mock('../../src/runtime/undo-store.js', async (original) => {
  const real = await original<typeof import('../../src/runtime/undo-store.js')>();
  return {
    createUndoStore: (store: Parameters<typeof real.createUndoStore>[0]) => {
      const undo = real.createUndoStore(store);
      return Object.assign(undo, { rollback: () => undo.commit() });
    },
  };
});

it('without the undo log, a batch whose writes fail halfway is counted more than once', async () => {
  const agent = await startAgent(countingAgent(), { clock: jumpingClock(), store: storeFailingAtWrite(3) });
  expect(await agent.feed(fourKeys)).not.toEqual(countedNaively(fourKeys));
});
