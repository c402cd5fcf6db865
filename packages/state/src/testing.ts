/** Conformance suites: what every implementation of this package's ports must pass. */
export type { ConformanceCase } from './testing/conformance-case.js';
export { snapshotStoreConformance } from './testing/snapshot-store-conformance.js';
export { stateStoreConformance } from './testing/state-store-conformance.js';
