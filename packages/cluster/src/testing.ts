/** Conformance suite of `Engine`, and fakes for tests of code that uses a cluster. */
export { createMemoryEngine } from './memory/memory-engine.js';
export { commitRecordOf } from './testing/commit-record-of.js';
export type { ConformanceCase } from './testing/conformance-case.js';
export { type EngineUnderTest, engineConformance } from './testing/engine-conformance.js';
