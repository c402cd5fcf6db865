import type { CommitRecord } from '@sabot/stream/ports';

/** A commit record for tests: everything not given is empty. */
export function commitRecordOf(given: Partial<CommitRecord> = {}): CommitRecord {
  return {
    version: 1,
    job: 'job',
    task: 'main',
    epoch: 1,
    owner: 'worker',
    positions: {},
    watermarks: {},
    snapshots: [],
    sinks: {},
    layout: 'layout',
    finished: false,
    committedAtMs: 0,
    ...given,
  };
}
