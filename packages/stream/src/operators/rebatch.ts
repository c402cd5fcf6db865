/**
 * Cuts the rows of a stream into batches of another size.
 *
 * Algorithm: rows are gathered until there are enough, then go out as one batch; longer ones are cut.
 * State: fewer rows than one output batch, until `maxDelayMs` have passed.
 * Correctness: rows and watermarks keep their order: a watermark that came behind gathered rows waits for them. What is
 * gathered goes out at a barrier, when the input becomes idle and at the end of time.
 * Cost per batch: one copy of its rows.
 */
import { type Batch, batchBytes, type Schema, sliceBatch } from '@sabot/columnar';
import { concatBatches } from '@sabot/columnar/kernels';
import { streamErrors } from '../errors.js';
import type { OperatorSpec } from '../plan/operator-spec.js';
import type { Operator, OperatorContext, OperatorOutput } from '../ports/operator.js';
import type { Signal } from '../ports/signal.js';
import { createOperatorStats } from './operator-stats.js';

/** The size of output batches; at least one of `rows` and `bytes`. */
export interface RebatchOptions {
  /** Exactly so many rows per batch, unless bytes or time come first. */
  readonly rows?: number;
  /** A batch goes out when it has reached so many bytes. */
  readonly bytes?: number;
  /** For how long rows may wait for others, in processing time; default 100. */
  readonly maxDelayMs?: number;
}

interface Limits {
  readonly rows: number;
  readonly bytes: number;
  readonly maxDelayMs: number;
}

/** Fails with `SABOT_STREAM_OPTION_INVALID` for sizes that are not whole and positive. */
export function rebatchSpec(schema: Schema, options: RebatchOptions, name: string | undefined): OperatorSpec {
  const { rows = Number.POSITIVE_INFINITY, bytes = Number.POSITIVE_INFINITY, maxDelayMs = 100 } = options;
  for (const [option, value] of Object.entries({ rows: options.rows, bytes: options.bytes, maxDelayMs })) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1)) throw badOption(`${option} is ${value}`);
  }
  if (options.rows === undefined && options.bytes === undefined) throw badOption('neither rows nor bytes is given');
  return {
    kind: 'rebatch',
    ...(name === undefined ? {} : { name }),
    schema,
    distribution: 'local',
    describe: `rows ${options.rows ?? 'any'}, bytes ${options.bytes ?? 'any'}, at most ${maxDelayMs} ms`,
    create: () => new Rebatch(schema, { rows, bytes, maxDelayMs }),
  };
}

class Rebatch implements Operator {
  readonly stats = createOperatorStats();
  readonly forwardsWatermarks = true;
  private readonly schema: Schema;
  private readonly limits: Limits;
  private context: OperatorContext | undefined;
  private gathered: Batch[] = [];
  private rows = 0;
  private bytes = 0;
  /** Came behind gathered rows. */
  private heldMs = Number.NEGATIVE_INFINITY;
  /** Takes back the call that lets go of rows which have waited long enough. */
  private cancelCall: (() => void) | undefined;

  constructor(schema: Schema, limits: Limits) {
    this.schema = schema;
    this.limits = limits;
  }

  open(context: OperatorContext): void {
    this.context = context;
  }

  process(batch: Batch, _input: number, output: OperatorOutput): void {
    for (let at = 0; at < batch.numRows; ) {
      const end = Math.min(batch.numRows, at + this.limits.rows - this.rows);
      this.gather(sliceBatch(batch, at, end));
      at = end;
      // The held watermark stands behind earlier rows only: it may go with any batch that has them all.
      if (this.rows >= this.limits.rows || this.bytes >= this.limits.bytes) this.release(output);
    }
    this.count();
  }

  onSignal(signal: Signal, output: OperatorOutput): void {
    if (signal.kind === 'watermark') {
      this.heldMs = signal.timeMs;
      if (this.rows > 0 && signal.timeMs < Number.POSITIVE_INFINITY) return;
    }
    this.release(output);
    if (signal.kind === 'idle') output.signal(signal);
    this.count();
  }

  /** Nothing: a barrier has let everything go. */
  snapshot(): undefined {
    return undefined;
  }

  restore(): void {
    // There is no state.
  }

  close(): void {
    this.cancelCall?.();
    this.gathered = [];
  }

  private gather(batch: Batch): void {
    if (this.rows === 0 && this.context !== undefined) {
      const dueMs = this.context.clock.now() + this.limits.maxDelayMs;
      this.cancelCall = this.context.callAt(dueMs, (_nowMs, output) => {
        this.release(output);
        this.count();
      });
    }
    this.gathered.push(batch);
    this.rows += batch.numRows;
    this.bytes += batchBytes(batch);
  }

  private release(output: OperatorOutput): void {
    if (this.rows > 0) output.emit(concatBatches(this.schema, this.gathered));
    this.gathered = [];
    this.rows = 0;
    this.bytes = 0;
    this.cancelCall?.();
    this.cancelCall = undefined;
    if (this.heldMs > this.stats.outputWatermarkMs) output.signal({ kind: 'watermark', timeMs: this.heldMs });
  }

  private count(): void {
    this.stats.stateEntries = this.rows;
    this.stats.stateBytes = this.bytes;
  }
}

function badOption(why: string) {
  return streamErrors.error('OPTION_INVALID', {
    what: 'cannot cut a stream into other batches',
    why,
    remedy: 'Give `rows` or `bytes`, whole numbers of at least 1.',
  });
}
