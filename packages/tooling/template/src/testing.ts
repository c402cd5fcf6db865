/** What every implementation of this package's ports must pass. */
export type { ConformanceCase } from './testing/conformance-case.js';
export { greeterConformance } from './testing/greeter-conformance.js';
