import { webcrypto } from 'node:crypto';
import type { RootSampler } from './sampling.js';
import type { TraceContext } from './trace-context.js';

const state = webcrypto.getRandomValues(new Uint32Array(4));
const hexBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * The next 32 random bits as a signed integer, which the engine keeps without a box: xoshiro128++ (Blackman and Vigna),
 * seeded per thread from the system's generator.
 */
export function randomWord(): number {
  const s0 = state[0] as number;
  const s1 = state[1] as number;
  const s3 = state[3] as number;
  const sum = (s0 + s3) | 0;
  const result = (((sum << 7) | (sum >>> 25)) + s0) | 0;
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
  return word;
}

/** The trace that spans share; kept as words and written as digits only when somebody asks. */
export class TraceIdentity {
  readonly word0: number;
  readonly word1: number;
  readonly word2: number;
  readonly word3: number;
  readonly sampled: boolean;
  readonly traceState: string | undefined;
  private text: string | undefined;

  /** A new trace with a random id when `context` is undefined; `decide` says whether its spans are kept. */
  private constructor(context: TraceContext | undefined, decide: RootSampler | undefined) {
    const hex = context?.traceId;
    // An all-zero id is invalid: the first word of a new one is never 0.
    this.word0 = hex === undefined ? randomWord() || 1 : hexToWord(hex, 0);
    this.word1 = hex === undefined ? randomWord() : hexToWord(hex, 8);
    this.word2 = hex === undefined ? randomWord() : hexToWord(hex, 16);
    this.word3 = hex === undefined ? randomWord() : hexToWord(hex, 24);
    this.text = hex;
    this.traceState = context?.traceState;
    this.sampled = decide === undefined ? ((context?.traceFlags ?? 0) & 1) === 1 : decide(this.word2, this.word3);
  }

  static create(decide: RootSampler): TraceIdentity {
    return new TraceIdentity(undefined, decide);
  }

  /** The trace of a context that came from elsewhere; its sampled flag stands unless `decide` is given. */
  static of(context: TraceContext, decide?: RootSampler): TraceIdentity {
    return new TraceIdentity(context, decide);
  }

  get traceId(): string {
    this.text ??= wordToHex(this.word0) + wordToHex(this.word1) + wordToHex(this.word2) + wordToHex(this.word3);
    return this.text;
  }
}
