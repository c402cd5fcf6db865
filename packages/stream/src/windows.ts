/** Windows of every kind, and how far time has come: the common ones are at the main door too. */
export type { EarlyFiring, WindowResultsMode } from './operators/window-settings.js';
export type { WindowOptions } from './surface/stream-options.js';
export type { WindowedStream, WindowResults, WindowTable } from './surface/stream-types.js';
export {
  type BoundedDisorderOptions,
  boundedDisorder,
  monotonic,
  type PunctuatedOptions,
  punctuated,
  type WatermarkGenerator,
  type WatermarkStrategy,
} from './time/watermark-strategy.js';
export {
  type CountOptions,
  type CountWindow,
  count,
  type GlobalWindow,
  global,
  type HoppingOptions,
  type HoppingWindow,
  hopping,
  type SessionOptions,
  type SessionWindow,
  session,
  type TumblingOptions,
  type TumblingWindow,
  tumbling,
  type WindowSpec,
} from './time/window-spec.js';
