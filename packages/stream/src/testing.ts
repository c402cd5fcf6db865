/** Drivers, probes and conformance suites for tests of operators, sources, sinks, logs and registers. */
export { checkChangelogs } from './testing/changelog-checker.js';
export type { ConformanceCase } from './testing/conformance-case.js';
export { logConformance } from './testing/log-conformance.js';
export { createMemoryCommitRegister, type MemoryCommitRegister } from './testing/memory-commit-register.js';
export { type OperatorUnderTest, operatorConformance, type ScenarioStep } from './testing/operator-conformance.js';
export {
  createOperatorHarness,
  type Emitted,
  type HarnessOptions,
  type OperatorCheckpoint,
  type OperatorHarness,
} from './testing/operator-harness.js';
export { commitRegisterConformance } from './testing/register-conformance.js';
export { type SeededJobOptions, startSeededJob } from './testing/seeded-job.js';
export { type SinkUnderTest, sinkConformance } from './testing/sink-conformance.js';
export { createSinkProbe, type SinkProbe } from './testing/sink-probe.js';
export { sourceConformance } from './testing/source-conformance.js';
export { createSourceProbe, type SourceProbe, type SourceProbeOptions } from './testing/source-probe.js';
export { createVirtualClock, type VirtualClock } from './testing/virtual-clock.js';
