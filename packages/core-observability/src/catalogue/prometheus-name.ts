import type { MetricKind } from './catalogue.js';

/**
 * The name under which Prometheus sees a metric: dots and other characters become `_`, counters end in `_total`, and
 * there is no suffix for the unit (`sabot.message.processing.duration` is `sabot_message_processing_duration`).
 */
export function prometheusName(name: string, kind: MetricKind): string {
  const family = prometheusFamily(name, kind);
  return kind === 'counter' ? `${family}_total` : family;
}

/** The name of the family in OpenMetrics, where a counter's own name has no `_total`. */
export function prometheusFamily(name: string, kind: MetricKind): string {
  const safe = name.replace(/[^a-zA-Z0-9_:]/g, '_').replace(/^(?=\d)/, '_');
  return kind === 'counter' ? safe.replace(/_total$/, '') : safe;
}

/** The name of a label: dots and other characters become `_`. */
export function prometheusLabel(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, '_');
}
