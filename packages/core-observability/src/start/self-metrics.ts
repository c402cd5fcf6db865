import type { Signal } from '../export/delivery-ledger.js';
import type { Outlet } from '../export/outlet.js';
import type { SpanPipeline } from '../export/span-pipeline.js';
import type { MetricRegistry } from '../metrics/metric-registry.js';
import type { Instruments, Registration } from '../observability.js';
import type { Redaction } from '../redaction/redaction.js';
import type { telemetry } from '../telemetry.js';
import type { RetroactiveSampling } from '../tracing/retroactive-sampling.js';

const signals: readonly Signal[] = ['spans', 'points', 'logs'];

/** Publishes what telemetry itself made, delivered and lost. */
export function observeSelf(
  { metrics }: Instruments<typeof telemetry>,
  registry: MetricRegistry,
  pipeline: SpanPipeline,
  outlets: readonly Outlet[],
  retroactive: RetroactiveSampling,
  redaction: Redaction,
): Registration {
  const { losses } = registry;
  const registrations: Registration[] = [
    metrics.spansMade.observe({}, () => pipeline.made),
    metrics.seriesOverflowed.observe({}, () => losses.overflowed),
    metrics.attributesRemoved.observe({}, () => redaction.removedAttributes),
    metrics.textsRedacted.observe({}, () => redaction.redactedTexts),
    metrics.measurementsInvalid.observe({}, () => losses.invalid + losses.failedReads),
  ];
  for (const reason of ['failed', 'slow', 'late', 'retried'] as const) {
    registrations.push(metrics.spansKept.observe({ reason }, () => retroactive.kept[reason]));
  }
  for (const { name, ledger } of outlets) {
    for (const signal of signals) {
      registrations.push(metrics.delivered.observe({ exporter: name, signal }, () => ledger.delivered[signal]));
    }
    ledger.onNewCause((signal, cause) => {
      const attributes = { exporter: name, signal, cause };
      registrations.push(metrics.lost.observe(attributes, () => ledger.lostCount(signal, cause)));
    });
  }
  return {
    remove: () => {
      for (const registration of registrations.splice(0)) registration.remove();
    },
  };
}
