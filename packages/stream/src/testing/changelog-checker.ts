import { type Batch, columnValue } from '@sabot/columnar';
import {
  CHANGE_COLUMN,
  changeLabel,
  changesOf,
  DELETE,
  INSERT,
  UPDATE_AFTER,
  UPDATE_BEFORE,
} from '../changelog/change-kind.js';
import { streamErrors } from '../errors.js';
import type { Operator, OperatorContext, OperatorOutput } from '../ports/operator.js';
import type { Signal } from '../ports/signal.js';
import type { OperatorMeta, TaskDecorator } from '../ports/task-decorator.js';

/**
 * A decorator for `startJob` that checks every edge of a job: on a changelog, `+I` comes only when the key is absent,
 * `-U` and `-D` only when it is present with the very row, `+U` only right after its `-U`; append-only streams carry no
 * changes. A violation fails the job with `SABOT_STREAM_CHANGELOG_INVALID`, naming operator, key and change. Keeps every
 * live row in memory: for tests. After a restore, keys that it has not seen yet are taken as they come.
 *
 * @example
 * await (await startJob(job, { decorators: [checkChangelogs()] })).done;
 */
export function checkChangelogs(): TaskDecorator {
  return { operator: (operator, meta) => new CheckedOperator(operator, meta) };
}

class CheckedOperator implements Operator {
  private readonly inner: Operator;
  private readonly edge: CheckedEdge;

  constructor(inner: Operator, meta: OperatorMeta) {
    this.inner = inner;
    this.edge = new CheckedEdge(meta.operatorId, meta.changelogKey);
  }

  get stats() {
    return this.inner.stats;
  }

  get forwardsWatermarks(): boolean {
    return this.inner.forwardsWatermarks === true;
  }

  open(context: OperatorContext): void | Promise<void> {
    const callAt: OperatorContext['callAt'] = (timeMs, call) =>
      context.callAt(timeMs, (nowMs, output) => call(nowMs, this.checked(output)));
    return this.inner.open({ ...context, callAt });
  }

  process(batch: Batch, input: number, output: OperatorOutput): void | Promise<void> {
    return this.inner.process(batch, input, this.checked(output));
  }

  onSignal(signal: Signal, output: OperatorOutput): void | Promise<void> {
    return this.inner.onSignal(signal, this.checked(output));
  }

  snapshot(epoch: number): Uint8Array | undefined {
    return this.inner.snapshot(epoch);
  }

  restore(bytes: Uint8Array): void {
    this.edge.adopt();
    this.inner.restore(bytes);
  }

  close(): void | Promise<void> {
    return this.inner.close();
  }

  private checked(output: OperatorOutput): OperatorOutput {
    return {
      emit: (batch, port = 0) => {
        if (port === 0) this.edge.check(batch);
        output.emit(batch, port);
      },
      signal: (signal) => output.signal(signal),
    };
  }
}

/** What a changelog has told so far, row by row. */
class CheckedEdge {
  private readonly operatorId: string;
  private readonly key: readonly string[] | undefined;
  /** Key → the row as it is. */
  private readonly rows = new Map<string, string>();
  /** Keys that were deleted since state was adopted from elsewhere; undefined: this has seen everything. */
  private gone: Set<string> | undefined;

  constructor(operatorId: string, key: readonly string[] | undefined) {
    this.operatorId = operatorId;
    this.key = key;
  }

  /** What is there comes from before a restart. */
  adopt(): void {
    this.gone = new Set();
  }

  check(batch: Batch): void {
    const changes = changesOf(batch);
    if (this.key === undefined) {
      if (changes !== undefined) throw this.error('it is append-only', `a batch has the column "${CHANGE_COLUMN}"`);
      return;
    }
    if (changes === undefined) throw this.error('it is a changelog', `a batch has no column "${CHANGE_COLUMN}"`);
    const payload = batch.schema.names.filter((name) => name !== CHANGE_COLUMN);
    let before: string | undefined;
    for (let row = 0; row < batch.numRows; row++) {
      const kind = changes[row] as number;
      const key = textOf(batch, this.key, row);
      if ((kind === UPDATE_AFTER) !== (before !== undefined) || (before !== undefined && before !== key)) {
        throw this.error(
          `${changeLabel(kind)} of ${key}`,
          '-U and +U of one key have to follow each other in one batch',
        );
      }
      this.apply(kind, key, textOf(batch, payload, row));
      before = kind === UPDATE_BEFORE ? key : undefined;
    }
    if (before !== undefined) throw this.error(`-U of ${before}`, 'its +U is not in the same batch');
  }

  private apply(kind: number, key: string, image: string): void {
    const known = this.rows.get(key);
    const unseen = known === undefined && this.gone?.has(key) === false;
    if (kind === INSERT && known !== undefined) throw this.error(`+I of ${key}`, `the key is there with ${known}`);
    if ((kind === UPDATE_BEFORE || kind === DELETE) && !unseen && known !== image) {
      const there = known === undefined ? 'the key is not there' : `the row is ${known}`;
      throw this.error(`${changeLabel(kind)} of ${image}`, there);
    }
    if (kind === INSERT || kind === UPDATE_AFTER) this.rows.set(key, image);
    // Between -U and +U the key stays known: +I has to be refused there.
    else if (kind === DELETE) {
      this.rows.delete(key);
      this.gone?.add(key);
    }
  }

  private error(what: string, why: string) {
    return streamErrors.error('CHANGELOG_INVALID', {
      what: `the output of operator "${this.operatorId}" does not hold together: ${what}`,
      why,
      facts: { operator: this.operatorId },
    });
  }
}

function textOf(batch: Batch, columns: readonly string[], row: number): string {
  const cells = columns.map((name) => {
    const value: unknown = columnValue(batch.column(name), row);
    return `${name}=${typeof value === 'bigint' ? `${value}n` : JSON.stringify(value)}`;
  });
  return `(${cells.join(', ')})`;
}
