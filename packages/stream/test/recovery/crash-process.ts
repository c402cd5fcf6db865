import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createLocalSnapshotStore } from '@sabot/state';
import { createLocalCommitRegister } from '../../src/checkpoints/local-commit-register.js';
import type { CommitRegister } from '../../src/ports/commit-register.js';
import type { Sink } from '../../src/ports/sink.js';
import { startJob } from '../../src/runtime/start-job.js';
import { arrowFileSink } from '../../src/sinks/arrow-file-sink.js';
import { ndjsonFileSink } from '../../src/sinks/ndjson-file-sink.js';
import { crashJob } from './crash-job.js';

/** A sink that does not cut off what was written behind the last commit: what the test has to notice. */
function keepingTail(sink: Sink, path: string): Sink {
  return {
    ...sink,
    open: (context) => {
      const bytes = existsSync(path) ? statSync(path).size : undefined;
      return sink.open(
        context.committed === undefined || bytes === undefined
          ? context
          : { ...context, committed: { ...context.committed, bytes } },
      );
    },
  };
}

const [folder, seed, mutation] = process.argv.slice(2) as [string, string, string | undefined];
const paths = { windows: join(folder, 'windows.arrow'), counts: join(folder, 'counts.ndjson') };
const windows: Sink = arrowFileSink(paths.windows);
const counts: Sink = ndjsonFileSink(paths.counts);
const keeps = mutation === 'keep-tail';
const job = crashJob({
  seed: Number(seed),
  windows: keeps ? keepingTail(windows, paths.windows) : windows,
  counts: keeps ? keepingTail(counts, paths.counts) : counts,
  paceMs: 5,
});
const register = createLocalCommitRegister(join(folder, 'register'));
/** Slow, so that many kills fall between what is prepared and its record. */
const slowRegister: CommitRegister = {
  read: () => register.read(),
  advance: async (record, expected) => {
    await setTimeout(4);
    return register.advance(record, expected);
  },
};
const running = await startJob(job, {
  checkpoint: {
    register: slowRegister,
    snapshots: createLocalSnapshotStore(join(folder, 'snapshots')),
    intervalMs: 3,
  },
});
process.stdout.write('running\n');
const { state } = await running.done;
await setTimeout(0);
process.stdout.write(`${state}\n`);
