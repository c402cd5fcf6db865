import type { Batch } from '@sabot/columnar';
import { defineJob } from '../plan/job.js';
import type { SinkNode } from '../plan/plan-node.js';
import type { Sink } from '../ports/sink.js';
import type { RunningJob } from '../runtime/job-run.js';
import { startJob } from '../runtime/start-job.js';

/**
 * The batches of a stream, one at a time: the job starts with the first and is cancelled when the loop is left. The next
 * batch is worked on while the loop has this one, and no further.
 */
export function iterateStream(to: (sink: Sink, options: { readonly name: string }) => SinkNode): AsyncGenerator<Batch> {
  const handover = new Handover();
  return batches(handover, () => startJob(defineJob('iteration', [to(handover.sink, { name: 'iteration' })])));
}

async function* batches(handover: Handover, start: () => Promise<RunningJob>): AsyncGenerator<Batch> {
  const running = await start();
  running.done.then(
    () => handover.end(),
    () => handover.end(),
  );
  try {
    for (let batch = await handover.take(); batch !== undefined; batch = await handover.take()) yield batch;
    // Rejects with what failed the job.
    await running.done;
  } finally {
    handover.end();
    await running.cancel().catch(() => undefined);
  }
}

/** Passes batches from a sink to a loop, one at a time. */
class Handover {
  private offered: Batch | undefined;
  private ended = false;
  private accepted: (() => void) | undefined;
  private arrived: (() => void) | undefined;

  readonly sink: Sink = {
    name: 'iteration',
    guarantee: 'none',
    open: async () => ({
      write: (batch) => this.offer(batch),
      prepare: async () => ({}),
      commit: async () => undefined,
      close: async () => undefined,
    }),
  };

  /** Nothing comes or is taken any more. */
  end(): void {
    this.ended = true;
    this.accepted?.();
    this.arrived?.();
  }

  /** Undefined when everything has come. */
  async take(): Promise<Batch | undefined> {
    while (this.offered === undefined && !this.ended) {
      await new Promise<void>((resolve) => {
        this.arrived = resolve;
      });
    }
    const batch = this.offered;
    this.offered = undefined;
    this.accepted?.();
    return batch;
  }

  private offer(batch: Batch): Promise<void> | void {
    if (this.ended) return;
    this.offered = batch;
    this.arrived?.();
    return new Promise<void>((resolve) => {
      this.accepted = resolve;
    });
  }
}
