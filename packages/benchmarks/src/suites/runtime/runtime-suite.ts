import type { Suite } from '../../suite/suite.js';
import { flatMemory } from './flat-memory.js';
import { oneAndTwoThreads } from './one-and-two-threads.js';
import { rowToWindow } from './row-to-window.js';

/** What the runtime promises beside throughput. */
export const runtimeSuite: Suite = {
  name: 'runtime',
  what: 'Threads, memory over time and latency of the runtime; events are generated while the clock runs.',
  cases: [oneAndTwoThreads, flatMemory, rowToWindow],
};
