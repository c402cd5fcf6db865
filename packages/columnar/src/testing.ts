/** Deterministic random data for tests of whatever works on batches. */
export { type RandomBatchOptions, type RandomSource, randomBatch, seededRandom } from './testing/random-batch.js';
