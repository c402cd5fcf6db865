import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import type { Resource } from '../../otlp/resource.js';
import { withoutSecrets } from '../../redaction/secret-text.js';
import type { Chunk, Sender, SendResult } from '../sender.js';
import { deadlineOf } from './deadline.js';
import { encodeChunk } from './encode-chunk.js';
import { type HttpTarget, resultOfFailure } from './http-exchange.js';
import { readPartialSuccess } from './partial-success.js';
import { retryInfoMs } from './retry-info.js';

const gzip = promisify(gzipCallback);
const HINT = 'does the port speak gRPC? OTLP over gRPC is usually on 4317, HTTP on 4318';
const PATHS = {
  spans: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  points: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
} as const;
/** CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS: what OTLP lets a sender retry. */
const retryable = new Set([1, 4, 10, 11, 14, 15]);
const RESOURCE_EXHAUSTED = 8;

/** Sends OTLP over gRPC: one HTTP/2 connection, made at the first use and again after it broke. */
export function createGrpcSender(target: HttpTarget, resource: Resource): Sender {
  return new GrpcSender(target, resource);
}

interface GrpcAnswer {
  readonly httpStatus: number;
  readonly status: number;
  readonly message: string;
  /** What the server asks to wait before another attempt. */
  readonly retryAfterMs: number | undefined;
  readonly body: Buffer;
}

class GrpcSender implements Sender {
  readonly target: string;
  private readonly options: HttpTarget;
  private readonly resource: Resource;
  private session: ClientHttp2Session | undefined;

  constructor(options: HttpTarget, resource: Resource) {
    this.target = withoutSecrets(options.url.href);
    this.options = options;
    this.resource = resource;
  }

  async send(chunk: Chunk, abort: AbortSignal): Promise<SendResult> {
    const message = encodeChunk(this.resource, chunk);
    try {
      return resultOf(await this.call(PATHS[chunk.signal], await this.frame(message), abort));
    } catch (error) {
      // A connection that timed out or broke may be half open: the next attempt makes a new one.
      this.close();
      return resultOfFailure(error, HINT);
    }
  }

  close(): void {
    this.session?.destroy();
    this.session = undefined;
  }

  /** A message with its prefix: one byte "compressed", four bytes length. */
  private async frame(message: Buffer): Promise<Buffer> {
    const body = this.options.gzip ? await gzip(message) : message;
    const prefix = Buffer.alloc(5);
    prefix.writeUInt8(this.options.gzip ? 1 : 0, 0);
    prefix.writeUInt32BE(body.length, 1);
    return Buffer.concat([prefix, body]);
  }

  private call(path: string, frame: Buffer, abort: AbortSignal): Promise<GrpcAnswer> {
    const { timeoutMs, headers } = this.options;
    const session = this.connected();
    const deadline = deadlineOf(abort, timeoutMs);
    const { signal } = deadline;
    return new Promise((resolve, reject) => {
      const failed = (error: Error) => reject(error);
      const aborted = () => {
        stream.close(constants.NGHTTP2_CANCEL);
        reject(signal.reason);
      };
      session.once('error', failed);
      const stream = session.request({
        ...headers,
        [constants.HTTP2_HEADER_METHOD]: 'POST',
        [constants.HTTP2_HEADER_PATH]: path,
        'content-type': 'application/grpc',
        'grpc-timeout': `${timeoutMs}m`,
        te: 'trailers',
        ...(this.options.gzip ? { 'grpc-encoding': 'gzip' } : {}),
      });
      signal.addEventListener('abort', aborted, { once: true });
      readAnswer(stream)
        .then(resolve, reject)
        .finally(() => {
          session.off('error', failed);
          signal.removeEventListener('abort', aborted);
          deadline.clear();
        });
      stream.end(frame);
    });
  }

  private connected(): ClientHttp2Session {
    if (this.session !== undefined && !this.session.closed && !this.session.destroyed) return this.session;
    const { url, ca } = this.options;
    const session = connect(url.origin, ca === undefined ? {} : { ca });
    // Errors are also told to the call that waits; this keeps one that nobody waits for from ending the process.
    session.on('error', () => session.destroy());
    session.on('goaway', () => session.close());
    session.unref();
    this.session = session;
    return session;
  }
}

function readAnswer(stream: ClientHttp2Stream): Promise<GrpcAnswer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let httpStatus = 0;
    const seen: Record<string, unknown> = {};
    stream.on('response', (headers) => {
      httpStatus = Number(headers[':status'] ?? 0);
      Object.assign(seen, headers);
    });
    stream.on('trailers', (trailers) => Object.assign(seen, trailers));
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('error', reject);
    stream.on('close', () => {
      if (httpStatus === 0) return reject(new Error('the connection closed without an answer'));
      const pushback = seen['grpc-retry-pushback-ms'];
      const details = seen['grpc-status-details-bin'];
      resolve({
        httpStatus,
        // UNKNOWN when the peer never said: it is not a gRPC server.
        status: Number(seen['grpc-status'] ?? 2),
        message: decodeURIComponent(String(seen['grpc-message'] ?? '')),
        retryAfterMs:
          pushback === undefined ? retryInfoMs(details === undefined ? undefined : String(details)) : Number(pushback),
        body: Buffer.concat(parts).subarray(5),
      });
    });
  });
}

function resultOf({ httpStatus, status, message, retryAfterMs, body }: GrpcAnswer): SendResult {
  if (status === 0) {
    const { rejected, message: why } = readPartialSuccess(body);
    return { kind: 'delivered', rejected, why };
  }
  const why = `gRPC status ${status}${message === '' ? '' : ` ${message}`}${httpStatus === 200 ? '' : ` (HTTP ${httpStatus})`}`;
  // gRPC over HTTP/2: a proxy that answers instead of the server says so in the HTTP status.
  const busyProxy = [429, 502, 503, 504].includes(httpStatus);
  const mayRetry = retryable.has(status) || (status === RESOURCE_EXHAUSTED && retryAfterMs !== undefined) || busyProxy;
  if (!mayRetry) return { kind: 'refused', why };
  return retryAfterMs === undefined ? { kind: 'retry', why } : { kind: 'retry', why, afterMs: retryAfterMs };
}
