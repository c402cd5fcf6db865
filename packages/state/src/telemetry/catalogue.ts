import { defineTelemetry } from '@sabot/core-observability';

/** Operations on one entry or range, as `sabot.state.operations` counts them. */
export const entryOperations = ['get', 'set', 'delete', 'scan'] as const;

const perStore = ['pipeline', 'operator', 'state.backend'] as const;
const perOperation = ['pipeline', 'operator', 'state.backend', 'state.operation'] as const;
const perFold = ['pipeline', 'operator', 'state.backend', 'state.count'] as const;
/** From one kilobyte to 16 GB, in steps of four. */
const sizeBoundaries = Array.from({ length: 13 }, (_, step) => 1024 * 4 ** step);

/** Everything that `@sabot/state` emits. */
export const stateTelemetry = defineTelemetry({
  scope: '@sabot/state',
  attributes: {
    pipeline: { type: 'string', brief: 'Name of the job.', example: 'flights' },
    operator: { type: 'string', brief: 'Stable id of the operator that the state belongs to.', example: 'statistics' },
    'state.backend': { type: 'string', brief: 'What keeps the state.', example: 'lmdb' },
    'state.operation': {
      type: 'string',
      brief: 'What was done with state.',
      values: [...entryOperations, 'snapshot', 'restore'],
    },
    'state.count': { type: 'number', brief: 'Operations that the span stands for.' },
    'state.epoch': { type: 'number', brief: 'Epoch of the snapshot.' },
    'state.full': { type: 'boolean', brief: 'Whether the snapshot holds everything, not only what changed.' },
    'state.size': { type: 'number', brief: 'Bytes of the snapshot or chain.' },
    'state.outcome': {
      type: 'string',
      brief: 'What became of the snapshot.',
      values: ['confirmed', 'abandoned'],
    },
    'snapshots.operation': {
      type: 'string',
      brief: 'What was done with the snapshot store.',
      values: ['put', 'get', 'list', 'delete'],
    },
    'snapshots.outcome': { type: 'string', brief: 'How it ended.', values: ['ok', 'failed'] },
  },
  metrics: {
    operations: {
      name: 'sabot.state.operations',
      kind: 'counter',
      unit: '{operation}',
      brief: 'Operations on keyed state that reached the store; what the object cache answers is not among them.',
      attributes: perOperation,
    },
    operationDuration: {
      name: 'sabot.state.operation.duration',
      kind: 'histogram',
      unit: 's',
      brief:
        'Mean time of one operation in a batch, of one batch in sixteen and of every traced one, and in the writing back before a snapshot.',
      attributes: perOperation,
      boundaries: [1e-7, 2e-7, 5e-7, 1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 1e-3, 1e-2, 0.1, 1],
    },
    entries: {
      name: 'sabot.state.entries',
      kind: 'gauge',
      unit: '{entry}',
      brief: 'Entries that the store holds.',
      attributes: perStore,
    },
    size: {
      name: 'sabot.state.size',
      kind: 'gauge',
      unit: 'By',
      brief: 'Bytes of keys and values that the store holds.',
      attributes: perStore,
    },
    snapshotDuration: {
      name: 'sabot.state.snapshot.duration',
      kind: 'histogram',
      unit: 's',
      brief: 'Time on the calling thread to freeze, serialise and confirm one snapshot.',
      attributes: perStore,
    },
    snapshotSize: {
      name: 'sabot.state.snapshot.size',
      kind: 'histogram',
      unit: 'By',
      brief: 'Bytes of one snapshot.',
      attributes: perStore,
      boundaries: sizeBoundaries,
    },
    restoreDuration: {
      name: 'sabot.state.restore.duration',
      kind: 'histogram',
      unit: 's',
      brief: 'Time to bring a store to the end of a chain of snapshots.',
      attributes: perStore,
    },
    blobDuration: {
      name: 'sabot.snapshots.operation.duration',
      kind: 'histogram',
      unit: 's',
      brief: 'Time of one operation of the snapshot store.',
      attributes: ['snapshots.operation', 'snapshots.outcome'],
    },
    blobBytes: {
      name: 'sabot.snapshots.bytes',
      kind: 'counter',
      unit: 'By',
      brief: 'Bytes written to and read from the snapshot store.',
      attributes: ['snapshots.operation'],
    },
  },
  spans: {
    get: { name: 'state_get', kind: 'internal', brief: 'Reads of one operator in one batch.', attributes: perFold },
    set: {
      name: 'state_set',
      kind: 'internal',
      brief: 'Writes of one operator in one batch, or of cached objects before a snapshot: most are those.',
      attributes: perFold,
    },
    delete: {
      name: 'state_delete',
      kind: 'internal',
      brief: 'Deletions of one operator in one batch, or of cached objects before a snapshot.',
      attributes: perFold,
    },
    scan: { name: 'state_scan', kind: 'internal', brief: 'Scans of one operator in one batch.', attributes: perFold },
    snapshot: {
      name: 'state_snapshot',
      kind: 'internal',
      brief: 'One snapshot, from freezing to its confirmation.',
      attributes: [...perStore, 'state.epoch', 'state.full', 'state.size', 'state.outcome'],
    },
    restore: {
      name: 'state_restore',
      kind: 'internal',
      brief: 'A store brought to the end of a chain of snapshots.',
      attributes: [...perStore, 'state.count', 'state.size'],
    },
  },
});

/** The labels of one store's series. */
export interface StoreLabels {
  readonly pipeline: string;
  readonly operator: string;
  readonly 'state.backend': string;
}
