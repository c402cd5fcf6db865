import { type CommitRegister, streamErrors } from '@sabot/stream';
import type { CommitRecord } from '@sabot/stream/ports';
import { clusterErrors } from '../errors.js';
import type { KeyTable } from './key-table.js';
import { checkName } from './keys.js';

/** One task's commit register as one key of a table: the table's compare-and-set is the fence. */
export function tableRegister(table: KeyTable, job: string, task: string): CommitRegister {
  checkName('job', job);
  checkName('task', task);
  const key = `${job}/${task}`;
  return {
    async read() {
      const entry = table.get(key);
      return entry && { record: parseCommitRecord(entry.value, key), revision: entry.revision };
    },
    async advance(record, expected) {
      const revision = await table.write(key, JSON.stringify(record), expected);
      if (revision === undefined) throw fenced(key, record, expected, table.get(key)?.revision ?? 0);
      return revision;
    },
  };
}

/** Reads a stored commit record; fails with a coded error when its version is not known here. */
export function parseCommitRecord(value: string, key: string): CommitRecord {
  const parsed: unknown = JSON.parse(value);
  if (typeof parsed === 'object' && parsed !== null && 'version' in parsed && parsed.version === 1) {
    // Written by `advance` alone, and the log around it holds a checksum: the version says the form.
    return parsed as CommitRecord;
  }
  throw clusterErrors.error('ENGINE_RECORD_INVALID', {
    what: `cannot read the commit record of "${key}"`,
    why: 'its version is not known to this version of Sabot',
  });
}

function fenced(key: string, record: CommitRecord, expected: number, revision: number): Error {
  return streamErrors.error('FENCED', {
    what: `cannot commit epoch ${record.epoch} of "${key}" for ${record.owner}`,
    why: `the register stands at revision ${revision}, not at the expected ${expected}`,
    facts: { epoch: record.epoch, revision, expected },
  });
}
