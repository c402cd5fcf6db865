import { streamErrors } from '../errors.js';
import type { CommitRecord, CommitRegister } from '../ports/commit-register.js';

/** A register in memory that several runs of one process share; every record it has held can be looked at. */
export interface MemoryCommitRegister extends CommitRegister {
  readonly history: readonly CommitRecord[];
}

/** An empty register. */
export function createMemoryCommitRegister(): MemoryCommitRegister {
  const history: CommitRecord[] = [];
  return {
    history,
    async read() {
      const record = history.at(-1);
      return record === undefined ? undefined : { record, revision: history.length };
    },
    async advance(record, expected) {
      if (history.length !== expected) {
        throw streamErrors.error('FENCED', {
          what: `cannot commit epoch ${record.epoch} of job "${record.job}"`,
          why: `the register is at revision ${history.length}, not at the expected ${expected}`,
        });
      }
      return history.push(structuredClone(record));
    },
  };
}
