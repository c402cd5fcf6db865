import type { BusinessCounter, Counter } from '../observability.js';
import type { Attributes } from '../tracing/span-record.js';
import type { MetricInstrument } from './metric-instrument.js';
import { seriesKey } from './series-key.js';

const none: Attributes = {};

/** A user's counter: the series of each set of attributes is bound at its first use and kept. */
export function createBusinessCounter<A extends Attributes>(instrument: MetricInstrument): BusinessCounter<A> {
  const bound = new Map<string, Counter>();
  const bind = (key: string, attributes: Attributes): Counter => {
    // A counter's instrument binds counters: the kind was declared where this function is called.
    const series = instrument.series(attributes) as Counter;
    bound.set(key, series);
    return series;
  };
  return {
    add: (amount, attributes) => {
      const key = attributes === undefined ? '' : seriesKey(attributes);
      (bound.get(key) ?? bind(key, attributes ?? none)).add(amount);
    },
    // As above: the kind is the declaration's.
    series: (attributes) => instrument.series(attributes) as ReturnType<BusinessCounter<A>['series']>,
  };
}
