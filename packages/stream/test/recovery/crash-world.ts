import { createMemorySnapshotStore, type SnapshotStore } from '@sabot/state';
import type { CommitRegister } from '../../src/ports/commit-register.js';
import type { RunningJob } from '../../src/runtime/job-run.js';
import { startJob } from '../../src/runtime/start-job.js';
import { createMemoryCommitRegister } from '../../src/testing/memory-commit-register.js';
import { createSinkProbe } from '../../src/testing/sink-probe.js';
import { countLine, crashJob, expectedOutput, windowLine } from './crash-job.js';

/** A plan of crashes that follows from the seed: how many batches each attempt lives for, and how it ends. */
export function crashes(seed: number) {
  let word = (seed * 2654435761) >>> 0;
  return () => {
    word = (Math.imul(word, 1103515245) + 12345) >>> 0;
    return word / 4294967296;
  };
}

export interface World {
  readonly register: CommitRegister;
  readonly store: { readonly register: CommitRegister; readonly snapshots: SnapshotStore };
  readonly output: () => { readonly windows: readonly string[]; readonly counts: readonly string[] };
  readonly attempt: (onBatch?: (running: () => RunningJob | undefined) => void) => Promise<RunningJob>;
}

export interface WorldOptions {
  readonly wrap?: (register: CommitRegister) => CommitRegister;
  readonly lanes?: number;
  /** Of another world: what its job has committed. */
  readonly store?: World['store'];
}

/** What outlives the attempts of one job: register, snapshots and sinks. */
export function world(seed: number, { wrap = (register) => register, lanes, store }: WorldOptions = {}): World {
  const windows = createSinkProbe();
  const counts = createSinkProbe();
  const kept = store ?? { register: createMemoryCommitRegister(), snapshots: createMemorySnapshotStore() };
  const register = wrap(kept.register);
  const { snapshots } = kept;
  return {
    register,
    store: kept,
    output: () => ({
      windows: windows.committed().map(windowLine).sort(),
      counts: counts.committed().map(countLine).sort(),
    }),
    async attempt(onBatch) {
      let running: RunningJob | undefined;
      const job = crashJob({ seed, windows, counts, onBatch: () => onBatch?.(() => running) });
      running = await startJob(job, {
        checkpoint: { register, snapshots, intervalMs: 1 },
        channelBytes: 200,
        turnMs: 0,
        ...(lanes === undefined ? {} : { lanes }),
      });
      return running;
    },
  };
}

/** Crashes the job again and again until an attempt comes through; resolves with how often it crashed. */
export async function runThroughCrashes(seed: number, { attempt }: World): Promise<number> {
  const random = crashes(seed);
  for (let crashed = 0; ; crashed++) {
    let left = Math.floor(random() * 60);
    const throws = random() < 0.5;
    const running = await attempt((current) => {
      if (crashed >= 8 || left-- > 0) return;
      if (throws) throw new Error('crash');
      void current()?.cancel();
    });
    const outcome = await running.done.then(
      ({ state }) => state,
      () => 'failed',
    );
    if (outcome === 'finished') return crashed;
    if (crashed > 10) throw new Error(`seed ${seed}: an attempt without a planned crash ended as ${outcome}`);
  }
}

/** Whether one of 40 seeds ends with wrong output; the first that does is enough. */
export async function wrongSeeds(make: (seed: number) => World): Promise<number> {
  let wrong = 0;
  for (let seed = 1; seed <= 40 && wrong === 0; seed++) {
    const made = make(seed);
    await runThroughCrashes(seed, made);
    if (JSON.stringify(made.output()) !== JSON.stringify(expectedOutput(seed))) wrong++;
  }
  return wrong;
}
