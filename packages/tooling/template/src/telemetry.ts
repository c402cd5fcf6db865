import { defineTelemetry, type Observability, type Registration } from '@sabot/core-observability';
import type { Greeter } from './greeting/greeter.js';

/** Everything that `@sabot/__name__` emits. */
export const __camel__Telemetry = defineTelemetry({
  scope: '@sabot/__name__',
  attributes: {},
  metrics: {
    greetings: {
      name: 'sabot.__name__.greetings',
      kind: 'counter',
      unit: '{greeting}',
      brief: 'Greetings given.',
      attributes: [],
    },
  },
  spans: {},
});

/** Publishes what a greeter counts, read at collection only, until the registration is removed. */
export function instrumentGreeter(observability: Observability, greeter: Greeter): Registration {
  const { metrics } = observability.instruments(__camel__Telemetry);
  return metrics.greetings.observe({}, () => greeter.stats.greetings);
}
