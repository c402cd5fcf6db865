import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import { errors } from '../errors.js';
import type { MetricSnapshot } from '../metrics/snapshot.js';
import type { Resource } from '../otlp/resource.js';
import { type ExpositionFormat, familyParts, groupFamilies, writeFamily } from './prometheus-text.js';
import { Turns } from './turns.js';

const gzip = promisify(gzipCallback);
const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  text: 'text/plain; version=0.0.4; charset=utf-8',
};

export interface PrometheusEndpointOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** The setting behind the port in words, for messages. */
  readonly setting?: string;
  /** Address to listen on; default `127.0.0.1`: metrics of a host are nobody else's business unless said otherwise. */
  readonly host?: string;
  readonly resource: Resource;
  /** Everything to serve, in parts: the endpoint lets others run between them. */
  readonly collect: () => AsyncIterable<MetricSnapshot> | Iterable<MetricSnapshot>;
}

/** A running endpoint. */
export interface PrometheusEndpoint {
  readonly port: number;
  /** For example `http://127.0.0.1:8000/metrics`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves metrics at `/metrics` in the format that the scraper asks for.
 * Errors: `SABOT_TELEMETRY_PROMETHEUS_PORT` when the port is busy or not allowed.
 */
export async function openPrometheusEndpoint(options: PrometheusEndpointOptions): Promise<PrometheusEndpoint> {
  const host = options.host ?? '127.0.0.1';
  const server = createServer((request, response) => {
    answer(request, response, options).catch(() => response.destroy());
  });
  await listen(server, options, host);
  // An endpoint that waits for a scrape must not keep a finished program alive.
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { port, setting }: PrometheusEndpointOptions, host: string): Promise<void> {
  const behind = setting === undefined ? '' : ` (${setting})`;
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'another process listens there' : cause.message;
      reject(errors.error('PROMETHEUS_PORT', { what: `cannot serve metrics on ${host}:${port}${behind}`, why, cause }));
    });
    server.listen(port, host, () => resolve());
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: PrometheusEndpointOptions,
): Promise<void> {
  const path = (request.url ?? '/').split('?')[0];
  if (path !== '/metrics') return refuse(response, 404, 'Metrics are at /metrics.\n');
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'GET only.\n');
  const format = negotiate(request.headers.accept);
  const text = await exposition(options, format);
  const zipped = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const body = zipped ? await gzip(text) : Buffer.from(text);
  response.writeHead(200, {
    'content-type': CONTENT_TYPES[format],
    'content-length': body.length,
    ...(zipped ? { 'content-encoding': 'gzip' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(text);
}

function negotiate(accept: string | undefined): ExpositionFormat {
  return accept?.includes('application/openmetrics-text') ? 'openmetrics' : 'text';
}

async function exposition(options: PrometheusEndpointOptions, format: ExpositionFormat): Promise<string> {
  const turns = new Turns();
  const snapshots: MetricSnapshot[] = [];
  for await (const snapshot of options.collect()) {
    snapshots.push(snapshot);
    await turns.after(snapshot.points.length);
  }
  const parts: string[] = [targetInfo(options.resource, format)];
  for (const family of groupFamilies(snapshots)) {
    for (const part of familyParts(family, format)) {
      parts.push(part);
      const others = turns.after(1);
      if (others !== undefined) await others;
    }
  }
  if (format === 'openmetrics') parts.push('# EOF\n');
  return parts.join('');
}

/** The resource as OpenTelemetry's compatibility rules put it: labels of a constant series. */
function targetInfo(resource: Resource, format: ExpositionFormat): string {
  const snapshot: MetricSnapshot = {
    scope: { name: '', version: '' },
    descriptor: { name: 'target_info', kind: 'gauge', unit: '', brief: 'Who emits these metrics.' },
    points: [{ type: 'number', attributes: resource, startTimeMs: 0, timeMs: 0, value: 1 }],
  };
  return writeFamily({ name: 'target_info', snapshots: [snapshot] }, format);
}
