import type { Stream } from '@sabot/stream';
import type { NexmarkStreams } from '../nexmark-streams.js';
import { q0 } from './q0.js';
import { q1 } from './q1.js';
import { q2 } from './q2.js';
import { q3 } from './q3.js';
import { q4 } from './q4.js';
import { q5 } from './q5.js';
import { q7 } from './q7.js';
import { q8 } from './q8.js';
import { q9 } from './q9.js';
import { q11 } from './q11.js';
import { q13 } from './q13.js';
import { q15 } from './q15.js';
import { q16 } from './q16.js';
import { q17 } from './q17.js';
import { q18 } from './q18.js';
import { q19 } from './q19.js';
import { q20 } from './q20.js';

/** A query as a program over Nexmark's streams. */
export type NexmarkQuery = (streams: NexmarkStreams) => Stream;

// What a query puts out is its own business; benchmarks and oracles look at rows by name.
const untyped = (query: (streams: NexmarkStreams) => unknown) => query as NexmarkQuery;

/** Every query by its name. */
export const nexmarkQueries = {
  q0: untyped(q0),
  q1: untyped(q1),
  q2: untyped(q2),
  q3: untyped(q3),
  q4: untyped(q4),
  q5: untyped(q5),
  q7: untyped(q7),
  q8: untyped(q8),
  q9: untyped(q9),
  q11: untyped(q11),
  q13: untyped(q13),
  q15: untyped(q15),
  q16: untyped(q16),
  q17: untyped(q17),
  q18: untyped(q18),
  q19: untyped(q19),
  q20: untyped(q20),
} as const;

export type NexmarkQueryName = keyof typeof nexmarkQueries;
