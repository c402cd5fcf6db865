import { defineErrors } from '@sabot/core-observability/errors';

/** Every failure that this package reports. */
export const stateErrors = defineErrors('state', {
  KEY_SIZE: {
    kind: 'usage',
    summary: 'A state key is empty or longer than the limit that all stores share.',
    remedy: 'Use keys of 1 to 1978 bytes; put a hash of a longer key into the key and the key itself into the value.',
  },
  SNAPSHOT_PENDING: {
    kind: 'usage',
    summary: 'A snapshot was asked for while the one before it was neither confirmed nor abandoned.',
    remedy: 'Await confirm() of the previous snapshot, or call abandon(), before the next snapshot().',
  },
  SNAPSHOT_SETTLED: {
    kind: 'usage',
    summary: 'A snapshot was used after it had been confirmed or abandoned.',
    remedy: 'Take the bytes of a snapshot before settling it, and settle it once.',
  },
  EPOCH_ORDER: {
    kind: 'usage',
    summary: 'The epoch of a snapshot is not a whole number above the epoch before it.',
    remedy: 'Number snapshots with growing non-negative integers.',
  },
  STORE_CLOSED: {
    kind: 'usage',
    summary: 'A store was used after it had been closed.',
    remedy: 'Keep the store open while operators use it.',
  },
  SNAPSHOT_CORRUPT: {
    kind: 'operational',
    summary: 'Snapshot bytes are torn, altered or no snapshot at all.',
    remedy: 'Restore from the checkpoint before it, and check the disk that holds the snapshots.',
  },
  SNAPSHOT_VERSION: {
    kind: 'operational',
    summary: 'A snapshot was written in a format that this version does not read.',
    remedy: 'Restore it with the version that wrote it, or a newer one.',
  },
  CHAIN_BROKEN: {
    kind: 'operational',
    summary: 'A list of snapshots does not begin with a full one or lacks one between two deltas.',
    remedy: 'Give all snapshots of the commit record, in its order.',
  },
  SNAPSHOT_NAME: {
    kind: 'usage',
    summary: 'The name of a snapshot is not a path of [a-z0-9._-] segments.',
    remedy: 'Use lower-case letters, digits, dots, underscores and hyphens, with / between segments.',
  },
  SNAPSHOT_MISSING: {
    kind: 'operational',
    summary: 'A snapshot that was asked for does not exist.',
    remedy: 'Check that the snapshot folder is the one that the commit record was written with.',
  },
  SNAPSHOT_EXISTS: {
    kind: 'operational',
    summary: 'A snapshot of this name exists already with other content; names are never rewritten.',
    remedy: 'Use a new name per epoch; two owners that write the same name must not both be alive.',
  },
  STORAGE_READ_ONLY: {
    kind: 'operational',
    summary: 'A state folder or file cannot be written.',
    remedy: 'Give this process write permission, or choose another folder.',
  },
  STORAGE_FULL: {
    kind: 'operational',
    summary: 'The disk, quota or file-size limit that state lives under is used up.',
    remedy: 'Free space or raise the limit, then start again: nothing committed is lost.',
  },
  STORAGE_FAILED: {
    kind: 'operational',
    summary: 'The operating system refused to read or write state.',
    remedy: 'See the cause; check the disk and the path.',
  },
  STORE_LOCKED: {
    kind: 'operational',
    summary: 'A state folder is open already, in this or another process.',
    remedy: 'Stop the other process, or use another folder.',
  },
  STORE_CORRUPT: {
    kind: 'operational',
    summary: 'The files of a state store are damaged or are no state store.',
    remedy: 'Delete the folder: the next start rebuilds it from the last checkpoint.',
  },
  CODEC_VALUE: {
    kind: 'usage',
    summary: 'A value does not fit the codec of its state.',
    remedy: 'Give the state values of the type that its codec declares.',
  },
  CODEC_BYTES: {
    kind: 'operational',
    summary: 'Stored bytes cannot be read by the codec of their state.',
    remedy: 'Use the codec that wrote the state; a changed type needs a new state name.',
  },
  STATE_DECLARATION: {
    kind: 'usage',
    summary: 'A state name, codec field or option is not usable.',
    remedy: 'Correct the declaration that the message names.',
  },
  NO_KEY: {
    kind: 'usage',
    summary: 'Keyed state was used before a key was set.',
    remedy: 'Call setKey() before reading or writing keyed state.',
  },
});
