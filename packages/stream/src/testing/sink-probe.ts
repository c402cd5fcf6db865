import { type Batch, type Fields, type RowOf, rowsOf } from '@sabot/columnar';
import type { PreparedCommit, Sink, SinkContext, SinkWriter } from '../ports/sink.js';

/** What survives the process in a test: the sink's own durable storage. */
interface Storage<F extends Fields> {
  batches: Batch<F>[];
}

/** A transactional sink in memory that can be slow or fail where a test says. */
export interface SinkProbe<F extends Fields> extends Sink<F> {
  /** Rows that are final. */
  committed(): readonly RowOf<F>[];
  /** Rows written since the last commit included. */
  written(): readonly RowOf<F>[];
  /** Makes every write from now on wait for the promise. */
  holdUntil(released: Promise<void> | undefined): void;
  /** Makes the next call of this kind fail, once. */
  failNext(call: 'write' | 'prepare' | 'commit', error: unknown): void;
  readonly calls: { readonly writes: number; readonly prepares: number; readonly commits: number; readonly open: number };
}

/** Opening it again, as a restarted job does, discards what had not been recorded as committed. */
export function createSinkProbe<F extends Fields>(): SinkProbe<F> {
  const storage: Storage<F> = { batches: [] };
  const calls = { writes: 0, prepares: 0, commits: 0, open: 0 };
  const failures = new Map<string, unknown>();
  let final = 0;
  let hold: Promise<void> | undefined;
  const failing = (call: string) => {
    if (!failures.has(call)) return;
    const error = failures.get(call);
    failures.delete(call);
    throw error;
  };
  const rows = (end: number) => storage.batches.slice(0, end).flatMap((batch) => [...rowsOf(batch)]);
  return {
    name: 'probe',
    guarantee: 'exactly-once',
    calls,
    committed: () => rows(final),
    written: () => rows(storage.batches.length),
    holdUntil(released) {
      hold = released;
    },
    failNext: (call, error) => void failures.set(call, error),
    async open(context: SinkContext<F>): Promise<SinkWriter> {
      calls.open++;
      storage.batches = storage.batches.slice(0, Number(context.committed?.['batches'] ?? 0));
      final = storage.batches.length;
      return {
        async write(batch) {
          failing('write');
          if (hold !== undefined) await hold;
          calls.writes++;
          storage.batches.push(batch as Batch<F>);
        },
        async prepare(): Promise<PreparedCommit> {
          failing('prepare');
          calls.prepares++;
          return { batches: storage.batches.length };
        },
        async commit(prepared) {
          failing('commit');
          calls.commits++;
          final = Math.max(final, Number(prepared['batches']));
        },
        close: async () => void calls.open--,
      };
    },
  };
}
