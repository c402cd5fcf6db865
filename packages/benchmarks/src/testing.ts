/** Rules that every suite keeps, for any test runner. */
export type { ConformanceCase } from './testing/conformance-case.js';
export { contenderConformance, suiteConformance } from './testing/suite-conformance.js';
