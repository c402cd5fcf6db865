/** Batches between threads: shared memory or transferred memory instead of structured clones of many objects. */
export type { BatchParcel } from './parcel.js';
export { receiveBatch } from './receive-batch.js';
export { shareBatch, transferBatch, transferList } from './send-batch.js';
