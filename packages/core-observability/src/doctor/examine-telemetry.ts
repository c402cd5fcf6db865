import type { ResolvedConfig } from '../config/resolve-config.js';
import { processResource } from '../otlp/resource.js';
import { pushTargets } from '../start/push-outlets.js';
import { checkApi } from './check-api.js';
import { checkEndpoint } from './check-endpoint.js';
import { checkProcesses, checkPrometheusPort, checkStore } from './check-local.js';
import type { DoctorFinding } from './finding.js';
import { testSpan } from './test-span.js';

/** Options of `examineTelemetry`. */
export interface ExamineOptions {
  /** Where a Jaeger answers queries; default port 16686 of the host that spans are sent to. */
  readonly jaegerQueryUrl?: string;
}

/**
 * Looks for the usual mistakes by trying: sends a test span through every configured exporter, reads it back where that can
 * be done, and looks at the OpenTelemetry API, the clocks, the port and the store. Never throws for what it finds.
 */
export async function examineTelemetry(
  config: ResolvedConfig,
  options: ExamineOptions = {},
): Promise<readonly DoctorFinding[]> {
  const { telemetry } = config;
  const findings: DoctorFinding[] = [];
  if (!telemetry.enabled || telemetry.mode === 'off') {
    const { name } = config.origins['telemetry.enabled'] ?? { name: 'default' };
    findings.push({
      level: 'warning',
      subject: 'configuration',
      message: `telemetry is not enabled (${name})`,
      remedy: 'sabot telemetry enable, or SABOT_TELEMETRY_ENABLED=true',
    });
  }
  findings.push(...(await checkProcesses(telemetry.storePath)), ...checkApi(telemetry.mode));
  const resource = processResource(telemetry.serviceName);
  const looked = await Promise.all([
    checkStore(telemetry.storePath, testSpan()),
    checkPrometheusPort(telemetry.prometheusPort),
    ...pushTargets(telemetry).map((target) => checkEndpoint(target, resource, options.jaegerQueryUrl)),
  ]);
  return [...findings, ...looked.flat()];
}
