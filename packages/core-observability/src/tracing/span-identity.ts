import { webcrypto } from 'node:crypto';
import type { TraceContext } from './trace-context.js';

const state = webcrypto.getRandomValues(new Uint32Array(4));
const hexBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The next 32 random bits: xoshiro128++ (Blackman and Vigna), seeded per thread from the system's generator. */
export function randomWord(): number {
  const s0 = state[0] as number;
  const s1 = state[1] as number;
  const s3 = state[3] as number;
  const sum = (s0 + s3) | 0;
  const result = (((sum << 7) | (sum >>> 25)) + s0) >>> 0;
  const s2 = (state[2] as number) ^ s0;
  const s3Mixed = s3 ^ s1;
  state[1] = s1 ^ s2;
  state[0] = s0 ^ s3Mixed;
  state[2] = s2 ^ (s1 << 9);
  state[3] = (s3Mixed << 11) | (s3Mixed >>> 21);
  return result;
}

/** Eight lower-case hexadecimal digits of a 32-bit word. */
export function wordToHex(word: number): string {
  return (
    (hexBytes[word >>> 24] as string) +
    (hexBytes[(word >>> 16) & 255] as string) +
    (hexBytes[(word >>> 8) & 255] as string) +
    (hexBytes[word & 255] as string)
  );
}

/** The 32-bit word of eight hexadecimal digits of `hex` from `from`; a digit that is none counts as 0. */
export function hexToWord(hex: string, from: number): number {
  let word = 0;
  for (let at = from; at < from + 8; at++) {
    const char = hex.charCodeAt(at);
    const digit = char >= 97 ? char - 87 : char - 48;
    word = (word << 4) | (digit >= 0 && digit < 16 ? digit : 0);
  }
  return word >>> 0;
}

/** The trace that spans share; kept as words and written as digits only when somebody asks. */
export class TraceIdentity {
  readonly words: readonly [number, number, number, number];
  readonly sampled: boolean;
  readonly traceState: string | undefined;
  private text: string | undefined;

  private constructor(
    words: readonly [number, number, number, number],
    sampled: boolean,
    traceState: string | undefined,
    text: string | undefined,
  ) {
    this.words = words;
    this.sampled = sampled;
    this.traceState = traceState;
    this.text = text;
  }

  /** A new trace with a random id; `decide` says whether its spans are kept. */
  static create(decide: (high: number, low: number) => boolean): TraceIdentity {
    const high = randomWord();
    const low = randomWord();
    // An all-zero id is invalid: the first word is never 0.
    return new TraceIdentity([randomWord() || 1, randomWord(), high, low], decide(high, low), undefined, undefined);
  }

  /** The trace of a context that came from elsewhere; its sampled flag stands unless `decide` is given. */
  static of(context: TraceContext, decide?: (high: number, low: number) => boolean): TraceIdentity {
    const { traceId, traceFlags, traceState } = context;
    const high = hexToWord(traceId, 16);
    const low = hexToWord(traceId, 24);
    const sampled = decide === undefined ? (traceFlags & 1) === 1 : decide(high, low);
    return new TraceIdentity([hexToWord(traceId, 0), hexToWord(traceId, 8), high, low], sampled, traceState, traceId);
  }

  get traceId(): string {
    if (this.text === undefined) {
      const [a, b, c, d] = this.words;
      this.text = wordToHex(a) + wordToHex(b) + wordToHex(c) + wordToHex(d);
    }
    return this.text;
  }
}
