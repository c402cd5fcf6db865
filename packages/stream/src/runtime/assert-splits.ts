import { streamErrors } from '../errors.js';
import type { CommitRecord } from '../ports/commit-register.js';
import type { SourceSplit } from '../ports/source.js';

/**
 * Throws `SABOT_STREAM_SPLIT_GONE` when the checkpoint stands in the middle of a split that the source does not list: the
 * rest of it would never be read, and another split in its place would be read on top of what it had given.
 */
export function assertSplits(sourceId: string, splits: readonly SourceSplit[], record: CommitRecord | undefined): void {
  const listed = new Set(splits.map(({ id }) => id));
  const ended = record?.watermarks[sourceId] ?? {};
  for (const id of Object.keys(record?.positions[sourceId] ?? {})) {
    if (listed.has(id) || ended[id] === 'end') continue;
    throw streamErrors.error('SPLIT_GONE', {
      what: `cannot go on with "${id}"`,
      why: `the checkpoint stands in the middle of it, and the source has ${listNames(splits)}`,
    });
  }
}

function listNames(splits: readonly SourceSplit[]): string {
  if (splits.length === 0) return 'nothing to read';
  const names = splits.slice(0, 5).map(({ id }) => `"${id}"`);
  return names.join(', ') + (splits.length > names.length ? ` and ${splits.length - names.length} more` : '');
}
