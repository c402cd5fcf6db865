import { describe, it } from 'vitest';
import { loadSuite, suiteNames } from '../../src/index.js';
import { suiteConformance } from '../../src/testing.js';

describe('every suite', () => {
  for (const name of suiteNames) {
    for (const rule of suiteConformance(name, () => loadSuite(name))) it(rule.name, rule.run);
  }
});
