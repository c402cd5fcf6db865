import { readFileSync } from 'node:fs';
import type { ResolvedConfig, TelemetrySettings } from '../config/resolve-config.js';
import { settingInWords } from '../config/shown-settings.js';
import { errors } from '../errors.js';
import { createThriftSender } from '../export/jaeger/thrift-sender.js';
import { createGrpcSender } from '../export/otlp/grpc-sender.js';
import type { HttpTarget } from '../export/otlp/http-exchange.js';
import { createOtlpHttpSender } from '../export/otlp/otlp-http-sender.js';
import { createPushOutlet, type PushOutlet } from '../export/push-outlet.js';
import type { Chunk, Sender } from '../export/sender.js';
import { Spill } from '../export/spill.js';
import type { Resource } from '../otlp/resource.js';
import { spillFolder } from '../store/spill-files.js';
import { VERSION } from '../version.js';

/** What a receiver gets at most before it counts as hanging. */
const REQUEST_TIMEOUT_MS = 10_000;
const SPILL_CAP_BYTES = 64 * 1024 * 1024;

/** The protocol in which one endpoint is spoken to. */
export type EndpointProtocol = 'grpc' | 'http' | 'thrift';

/** A configured endpoint. */
export interface PushTarget {
  readonly name: 'otlp' | 'jaeger';
  readonly protocol: EndpointProtocol;
  readonly http: HttpTarget;
  readonly signals: readonly Chunk['signal'][];
}

/** The endpoints that the configuration names; port 4317 means gRPC, the path `/api/traces` Jaeger's Thrift. */
export function pushTargets(settings: TelemetrySettings): readonly PushTarget[] {
  const targets: PushTarget[] = [];
  const { otlpEndpoint, jaegerEndpoint, otlpProtocol } = settings;
  if (otlpEndpoint !== null) {
    const http = httpTarget(otlpEndpoint, settings, parseHeaders(settings.otlpHeaders));
    const protocol = otlpProtocol === 'auto' ? protocolOf(http.url) : otlpProtocol;
    targets.push({
      name: 'otlp',
      protocol,
      http,
      signals: settings.logs ? ['spans', 'points', 'logs'] : ['spans', 'points'],
    });
  }
  if (jaegerEndpoint !== null) {
    const http = httpTarget(jaegerEndpoint, settings, {});
    const thrift = http.url.pathname.replace(/\/$/, '') === '/api/traces';
    targets.push({ name: 'jaeger', protocol: thrift ? 'thrift' : protocolOf(http.url), http, signals: ['spans'] });
  }
  return targets;
}

/** A sender for an endpoint. */
export function senderFor({ protocol, http }: PushTarget, resource: Resource): Sender {
  switch (protocol) {
    case 'grpc':
      return createGrpcSender(http, resource);
    case 'http':
      return createOtlpHttpSender(http, resource);
    case 'thrift':
      return createThriftSender(http, resource);
  }
}

/** The exporters that the configuration names, each with its own queue and its own place on disk. */
export function createPushOutlets(
  config: ResolvedConfig,
  resource: Resource,
  onProblem: (problem: Error) => void,
): readonly PushOutlet[] {
  const settings = config.telemetry;
  return pushTargets(settings).map((target) => {
    const { name, signals } = target;
    const setting = settingInWords(config, `telemetry.${name}_endpoint`);
    const { storePath } = settings;
    const folder = storePath === null ? undefined : spillFolder(storePath, settings.serviceName, name);
    const spill = folder === undefined ? undefined : new Spill(folder, resource, SPILL_CAP_BYTES);
    const temporality = settings.otlpTemporality;
    return createPushOutlet({
      name,
      signals,
      temporality,
      setting,
      sender: senderFor(target, resource),
      spill,
      onProblem,
    });
  });
}

function protocolOf(url: URL): 'grpc' | 'http' {
  return url.port === '4317' ? 'grpc' : 'http';
}

function httpTarget(endpoint: string, settings: TelemetrySettings, headers: Record<string, string>): HttpTarget {
  const { otlpCertificate, otlpCompression } = settings;
  return {
    url: new URL(endpoint),
    headers: { 'user-agent': `sabot/${VERSION}`, ...headers },
    gzip: otlpCompression === 'gzip',
    timeoutMs: REQUEST_TIMEOUT_MS,
    ...(otlpCertificate === null ? {} : { ca: readCertificate(otlpCertificate) }),
  };
}

function readCertificate(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw errors.error('CERTIFICATE', { what: `cannot read the certificate "${path}"`, why, cause });
  }
}

/** `key=value,key2=value2`, values percent-encoded, as OpenTelemetry's variable has it. */
function parseHeaders(text: string | null): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const part of (text ?? '').split(',')) {
    const equals = part.indexOf('=');
    if (equals > 0)
      headers[part.slice(0, equals).trim().toLowerCase()] = decodeURIComponent(part.slice(equals + 1).trim());
  }
  return headers;
}
