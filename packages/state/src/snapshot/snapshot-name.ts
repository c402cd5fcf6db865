import { stateErrors } from '../errors.js';

const SEGMENT = /^[a-z0-9_-][a-z0-9._-]*$/;
const MAX_NAME_LENGTH = 512;
const MAX_SEGMENT_LENGTH = 200;

/** Fails with `SNAPSHOT_NAME` unless the name is a relative path of `[a-z0-9._-]` segments, none beginning with a dot. */
export function checkSnapshotName(name: string): void {
  const why = problemOf(name);
  if (why !== undefined)
    throw stateErrors.error('SNAPSHOT_NAME', { what: `cannot use the snapshot name ${JSON.stringify(name)}`, why });
}

function problemOf(name: string): string | undefined {
  if (name.length > MAX_NAME_LENGTH) return `it has ${name.length} characters, the limit is ${MAX_NAME_LENGTH}`;
  for (const segment of name.split('/')) {
    if (segment.length > MAX_SEGMENT_LENGTH)
      return `a segment has ${segment.length} characters, the limit is ${MAX_SEGMENT_LENGTH}`;
    if (!SEGMENT.test(segment)) return `the segment ${JSON.stringify(segment)} is not allowed`;
  }
  return undefined;
}

/** The failure of reading a name that is not there. */
export function snapshotMissing(name: string) {
  return stateErrors.error('SNAPSHOT_MISSING', {
    what: `cannot read the snapshot "${name}"`,
    why: 'it does not exist',
  });
}

/** The failure of writing other content under a name that is taken. */
export function snapshotExists(name: string) {
  return stateErrors.error('SNAPSHOT_EXISTS', {
    what: `cannot write the snapshot "${name}"`,
    why: 'another one of this name exists with different content',
  });
}
