import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { type DecodedMetrics, type DecodedSpan, decodeLogs, decodeMetrics, decodeTraces } from './otlp-definitions.js';

/** How a receiver answers a request. */
export type Behaviour =
  | { readonly kind: 'accept' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Record<string, string> }
  | { readonly kind: 'partial'; readonly body: Buffer };

/** A receiver on loopback that decodes what it accepts. */
export interface Receiver {
  readonly url: string;
  readonly port: number;
  behaviour: Behaviour;
  readonly spans: DecodedSpan[];
  readonly services: Set<string>;
  readonly metrics: DecodedMetrics[];
  readonly logs: Record<string, unknown>[];
  requests: number;
  stop(): Promise<void>;
}

/** Where a receiver leaves what stops it. */
export type CleanUp = (stop: () => Promise<void>) => void;

function collected(): Pick<Receiver, 'spans' | 'services' | 'metrics' | 'logs' | 'requests'> & {
  behaviour: Behaviour;
} {
  return { spans: [], services: new Set(), metrics: [], logs: [], requests: 0, behaviour: { kind: 'accept' } };
}

function take(into: ReturnType<typeof collected>, path: string, body: Buffer): void {
  if (path.includes('metrics') || path.includes('Metrics')) {
    into.metrics.push(decodeMetrics(body));
    return;
  }
  if (path.includes('logs') || path.includes('Logs')) {
    into.logs.push(...decodeLogs(body));
    return;
  }
  for (const { resource, scopeSpans } of decodeTraces(body).resourceSpans) {
    const service = resource.attributes.find(({ key }) => key === 'service.name');
    into.services.add(service?.value.stringValue ?? '');
    for (const { spans } of scopeSpans) into.spans.push(...spans);
  }
}

async function bodyOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

/** OTLP over HTTP. `port` 0 takes a free one; `later` gets what stops it, by default for the end of the test. */
export async function startHttpReceiver(port = 0, later: CleanUp = onTestFinished): Promise<Receiver> {
  const state = collected();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const raw = await bodyOf(request);
    state.requests++;
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    const { behaviour } = state;
    if (behaviour.kind === 'hang') return;
    if (behaviour.kind === 'status') {
      response.writeHead(behaviour.status, behaviour.headers ?? {}).end('no');
      return;
    }
    if (behaviour.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, behaviour.delayMs));
    take(state, request.url ?? '', body);
    response.writeHead(200, { 'content-type': 'application/x-protobuf' });
    response.end(behaviour.kind === 'partial' ? behaviour.body : undefined);
  };
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  return await listening(server, port, state, later);
}

/** OTLP over gRPC; statuses are gRPC statuses. */
export async function startGrpcReceiver(port = 0, later: CleanUp = onTestFinished): Promise<Receiver> {
  const state = collected();
  const server = createHttp2Server();
  const answer = async (stream: ServerHttp2Stream, path: string, encoding: string): Promise<void> => {
    const frame = await bodyOf(stream);
    state.requests++;
    const message = frame.subarray(5, 5 + frame.readUInt32BE(1));
    const { behaviour } = state;
    if (behaviour.kind === 'hang') return;
    if (behaviour.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, behaviour.delayMs));
    const status = behaviour.kind === 'status' ? behaviour.status : 0;
    if (status === 0) take(state, path, encoding === 'gzip' ? gunzipSync(message) : message);
    const trailers = { 'grpc-status': String(status), ...(behaviour.kind === 'status' ? behaviour.headers : {}) };
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    const body = behaviour.kind === 'partial' ? behaviour.body : Buffer.alloc(0);
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(body.length, 1);
    stream.end(status === 0 ? Buffer.concat([prefix, body]) : undefined);
  };
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    const encoding = String(headers['grpc-encoding'] ?? '');
    void answer(stream, String(headers[':path']), encoding).catch(() => stream.destroy());
  });
  return await listening(server, port, state, later);
}

interface Listening {
  listen(port: number, host: string, done: () => void): unknown;
  close(done: () => void): unknown;
  address(): AddressInfo | string | null;
  on(event: 'connection', tell: (socket: Socket) => void): unknown;
}

async function listening(
  server: Listening,
  port: number,
  state: ReturnType<typeof collected>,
  later: CleanUp,
): Promise<Receiver> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  later(stop);
  return Object.assign(state, { url: `http://127.0.0.1:${address.port}`, port: address.port, stop });
}
