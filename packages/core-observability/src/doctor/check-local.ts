import { rm } from 'node:fs/promises';
import { openPrometheusEndpoint } from '../export/prometheus-endpoint.js';
import { processResource } from '../otlp/resource.js';
import { liveProcesses } from '../store/live-processes.js';
import { serviceFolder } from '../store/segment-files.js';
import { createStoreOutlet } from '../store/store-outlet.js';
import { openTelemetryStore } from '../store/telemetry-store.js';
import type { SpanRecord } from '../tracing/span-record.js';
import type { DoctorFinding } from './finding.js';

const LOOK_MS = 1000;

/** Writes a span into the local store, reads it back, and removes it. */
export async function checkStore(path: string | null, span: SpanRecord): Promise<DoctorFinding> {
  const subject = 'store';
  if (path === null) return { level: 'note', subject, message: 'no local store is configured' };
  const serviceName = `sabot-doctor-${process.pid}`;
  let problem: string | undefined;
  const outlet = createStoreOutlet({
    path,
    serviceName,
    resource: processResource(serviceName),
    onProblem: (found) => {
      problem = found.message;
    },
  });
  outlet.acceptSpans([span]);
  await outlet.close(LOOK_MS);
  if (problem !== undefined) return { level: 'problem', subject, message: problem };
  const [trace] = await openTelemetryStore(path).traces({ service: serviceName });
  await rm(serviceFolder(path, serviceName), { recursive: true, force: true });
  if (trace?.traceId === span.traceId) return { level: 'ok', subject, message: `"${path}" gave a test span back` };
  return { level: 'problem', subject, message: `"${path}" did not give the test span back`, remedy: 'Check the disk.' };
}

/** The processes that record into the store right now, whatever this configuration says. */
export async function checkProcesses(path: string | null): Promise<readonly DoctorFinding[]> {
  const running = path === null ? [] : await liveProcesses(path);
  return running.map(({ pid, prometheusUrl, service }) => {
    const where = prometheusUrl === null ? '' : `, metrics on ${prometheusUrl}`;
    return { level: 'ok', subject: 'process', message: `"${service}" (process ${pid}) records into "${path}"${where}` };
  });
}

/** Whether the Prometheus port is free, already served by Sabot, or taken by something else. */
export async function checkPrometheusPort(port: number | null): Promise<DoctorFinding> {
  const subject = 'prometheus';
  if (port === null) return { level: 'note', subject, message: 'no Prometheus endpoint is configured' };
  try {
    const endpoint = await openPrometheusEndpoint({ port, resource: {}, collect: () => [] });
    await endpoint.close();
    return { level: 'ok', subject, message: `port ${port} is free` };
  } catch (error) {
    if (await servesMetrics(port))
      return { level: 'ok', subject, message: `a running process serves metrics on port ${port}` };
    return { level: 'problem', subject, message: error instanceof Error ? error.message : String(error) };
  }
}

async function servesMetrics(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(LOOK_MS) });
    return (await answer.text()).includes('telemetry_sdk_name="sabot"');
  } catch {
    return false;
  }
}
