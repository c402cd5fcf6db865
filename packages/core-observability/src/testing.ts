export {
  createTestObservability,
  type TestObservability,
  type TestPoint,
  type TestSpan,
} from './testing/test-observability.js';
