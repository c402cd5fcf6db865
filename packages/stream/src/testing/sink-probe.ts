import { type Batch, type Fields, type RowOf, rowsOf } from '@sabot/columnar';
import type { PreparedCommit, Sink, SinkWriter } from '../ports/sink.js';

/** A transactional sink in memory that can be slow or fail where a test says. */
export interface SinkProbe<F extends Fields> extends Sink<F> {
  /** Rows that are final. */
  committed(): readonly RowOf<F>[];
  /** Every row that has been written, by whichever run. */
  written(): readonly RowOf<F>[];
  /** Makes every write from now on wait for the promise. */
  holdUntil(released: Promise<void> | undefined): void;
  /** Makes the next call of this kind fail, once. */
  failNext(call: 'write' | 'prepare' | 'commit', error: unknown): void;
  readonly calls: {
    readonly writes: number;
    readonly prepares: number;
    readonly commits: number;
    readonly open: number;
    readonly opened: number;
  };
}

/** Each prepared transaction becomes final once, however often it is committed; what was never prepared is forgotten. */
export function createSinkProbe<F extends Fields>(): SinkProbe<F> {
  const prepared = new Map<string, readonly Batch<F>[]>();
  const final = new Map<string, readonly Batch<F>[]>();
  const written: Batch<F>[] = [];
  const calls = { writes: 0, prepares: 0, commits: 0, open: 0, opened: 0 };
  const failures = new Map<string, unknown>();
  let hold: Promise<void> | undefined;
  const failing = (call: string) => {
    if (!failures.has(call)) return;
    const error = failures.get(call);
    failures.delete(call);
    throw error;
  };
  const rows = (batches: readonly Batch<F>[]) => batches.flatMap((batch) => [...rowsOf(batch)]);
  return {
    name: 'probe',
    guarantee: 'exactly-once',
    calls,
    committed: () => rows([...final.values()].flat()),
    written: () => rows(written),
    holdUntil(released) {
      hold = released;
    },
    failNext: (call, error) => void failures.set(call, error),
    async open(): Promise<SinkWriter> {
      calls.open++;
      const writer = ++calls.opened;
      let pending: Batch<F>[] = [];
      return {
        async write(batch) {
          failing('write');
          if (hold !== undefined) await hold;
          calls.writes++;
          // The plan connects streams of exactly these columns.
          pending.push(batch as Batch<F>);
          written.push(batch as Batch<F>);
        },
        async prepare(epoch): Promise<PreparedCommit> {
          failing('prepare');
          calls.prepares++;
          const transaction = `${writer}-${epoch}`;
          prepared.set(transaction, pending);
          pending = [];
          return { transaction };
        },
        async commit({ transaction }) {
          failing('commit');
          calls.commits++;
          final.set(String(transaction), prepared.get(String(transaction)) ?? []);
        },
        close: async () => void calls.open--,
      };
    },
  };
}
