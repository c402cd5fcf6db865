import { hostname } from 'node:os';
import type { Attributes } from '../tracing/span-record.js';
import { VERSION } from '../version.js';

/** Who emits: the attributes of the OTLP resource. */
export type Resource = Attributes;

/**
 * This process as a resource. The command line is left out: it can hold secrets.
 * Source: OpenTelemetry semantic conventions, "Resource".
 */
export function processResource(serviceName: string, extra: Attributes = {}): Resource {
  return {
    'service.name': serviceName,
    'service.instance.id': `${hostname()}-${process.pid}`,
    'telemetry.sdk.name': 'sabot',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.version': VERSION,
    'process.pid': process.pid,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    'host.name': hostname(),
    ...extra,
  };
}
