import { errors } from '../errors.js';

/** Limits of decoding. */
export interface IpcReadOptions {
  /**
   * Most bytes of new memory that decoding may take: decompressed buffers, dictionaries written out, offsets that are
   * not stored. Default 64 MiB and 256 times the input, so that a few bytes cannot claim all memory.
   */
  readonly maxDecodedBytes?: number;
}

const FLOOR = 64 * 1024 * 1024;
const RATIO = 256;

/** Counts the memory that decoding takes beyond its input. */
export class ReadBudget {
  private left: number;
  private readonly limit: number;

  constructor(inputBytes: number, options: IpcReadOptions = {}) {
    this.limit = options.maxDecodedBytes ?? FLOOR + RATIO * inputBytes;
    this.left = this.limit;
  }

  /** Before memory is taken; `IPC_TOO_LARGE` when it would be too much. */
  take(bytes: number): void {
    this.left -= bytes;
    if (this.left >= 0) return;
    throw errors.error('IPC_TOO_LARGE', {
      what: 'cannot decode Arrow IPC',
      why: `it claims more than ${this.limit} bytes of memory`,
      facts: { limit: this.limit },
    });
  }
}
