import type { LogPipeline } from '../export/log-pipeline.js';
import type { Outlet } from '../export/outlet.js';
import type { PrometheusEndpoint } from '../export/prometheus-endpoint.js';
import type { SpanPipeline } from '../export/span-pipeline.js';
import type { MetricRegistry } from '../metrics/metric-registry.js';
import type { Instruments, Registration, ShutdownReport } from '../observability.js';
import { observeProcess } from '../process/process-metrics.js';
import type { Redaction } from '../redaction/redaction.js';
import type { telemetry } from '../telemetry.js';
import type { RetroactiveSampling } from '../tracing/retroactive-sampling.js';
import { MetricPump } from './metric-pump.js';
import type { SdkRegistration } from './sdk-registration.js';
import { observeSelf } from './self-metrics.js';

/** What every exporter gets to put on disk what it could not send. */
const MIN_CLOSE_MS = 50;

export interface TelemetryParts {
  readonly registry: MetricRegistry;
  readonly logs: LogPipeline;
  readonly outlets: readonly Outlet[];
  readonly pipeline: SpanPipeline;
  readonly endpoint: PrometheusEndpoint | undefined;
  readonly sdk: SdkRegistration;
  readonly metricIntervalMs: number;
  readonly retroactive: RetroactiveSampling;
  readonly redaction: Redaction;
  /** Gets one line at the end when something was not delivered. */
  readonly tell: (line: string) => void;
}

/** Everything of started telemetry that runs, and the order in which it stops. */
export class RunningTelemetry {
  private readonly parts: TelemetryParts;
  private pump: MetricPump | undefined;
  private registrations: readonly Registration[] = [];

  constructor(parts: TelemetryParts) {
    this.parts = parts;
  }

  /** Begins to collect metrics, those of the process and of telemetry itself among them. */
  begin(instruments: Instruments<typeof telemetry>): void {
    const { registry, pipeline, outlets, metricIntervalMs, retroactive, redaction, sdk } = this.parts;
    const duration = instruments.metrics.collectDuration.series({});
    this.registrations = [
      observeProcess(instruments),
      observeSelf(instruments, registry, pipeline, outlets, retroactive, redaction),
      duration,
    ];
    this.pump = new MetricPump(registry.openReader(), sdk.userMetrics, outlets, metricIntervalMs, duration);
  }

  /** Something else that ends with the telemetry. */
  alsoStop(registration: Registration): void {
    this.registrations = [...this.registrations, registration];
  }

  /** Hands everything finished to the outlets and waits for them, at most `timeoutMs`. */
  async flush(timeoutMs: number): Promise<void> {
    this.parts.pipeline.drain();
    this.parts.logs.drain();
    await within(timeoutMs, this.pump?.pump());
    await within(timeoutMs, Promise.all(this.parts.outlets.map((outlet) => outlet.flush())));
  }

  async shutdown(timeoutMs: number): Promise<ShutdownReport> {
    const { pipeline, outlets, endpoint, sdk } = this.parts;
    const begun = performance.now();
    pipeline.stop();
    this.parts.logs.drain();
    // Users' callbacks may hang: they get half of the time, the exporters what is left.
    await within(timeoutMs / 2, this.pump?.stop());
    const leftMs = Math.max(MIN_CLOSE_MS, timeoutMs - (performance.now() - begun));
    sdk.shutdown();
    for (const registration of this.registrations) registration.remove();
    await Promise.all([...outlets.map((outlet) => outlet.close(leftMs)), endpoint?.close()]);
    const report = reportOf(outlets);
    const line = undeliveredLine(report);
    if (line !== undefined) this.parts.tell(line);
    return report;
  }
}

/** Waits for something, but not longer than the deadline. */
async function within(deadlineMs: number, awaited: Promise<unknown> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, deadlineMs);
  });
  await Promise.race([awaited, deadline]);
  clearTimeout(timer);
}

/** What a person needs to know at the end of a run; undefined when everything arrived. */
function undeliveredLine({ spilled, lost }: ShutdownReport): string | undefined {
  const parts = lost.map(({ signal, count, cause }) => `${count} ${signal} lost (${cause})`);
  const { spans, points, logs } = spilled;
  if (spans + points + logs > 0) {
    parts.push(`${spans} spans, ${points} points and ${logs} logs on disk, delivered by the next start`);
  }
  return parts.length === 0 ? undefined : `not delivered: ${parts.join('; ')}`;
}

/** Sums over the outlets: with two exporters every span is delivered twice. */
function reportOf(outlets: readonly Outlet[]): ShutdownReport {
  const delivered = { spans: 0, points: 0 };
  const spilled = { spans: 0, points: 0, logs: 0 };
  for (const outlet of outlets) {
    const kept = outlet.spilled?.() ?? { spans: 0, points: 0, logs: 0 };
    for (const signal of ['spans', 'points', 'logs'] as const) spilled[signal] += kept[signal];
    delivered.spans += outlet.ledger.delivered.spans;
    delivered.points += outlet.ledger.delivered.points;
  }
  const lost = outlets.flatMap(({ name, ledger }) =>
    ledger.losses().map(({ signal, count, cause }) => ({ signal, count, cause: `${name}: ${cause}` })),
  );
  return { delivered, spilled, lost };
}
