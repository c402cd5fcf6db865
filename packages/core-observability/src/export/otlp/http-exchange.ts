import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import type { SendResult } from '../sender.js';
import { deadlineOf } from './deadline.js';

const gzip = promisify(gzipCallback);
/** Answers are a few bytes; the rest of a longer one says nothing that is needed, and ends the connection. */
const MAX_ANSWER_BYTES = 1024 * 1024;

export interface HttpTarget {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly gzip: boolean;
  /** PEM text of the authority to trust, for `https`. */
  readonly ca?: string;
  readonly timeoutMs: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Connections to one receiver, kept open between requests. */
export class HttpExchange {
  private readonly agent: HttpAgent | HttpsAgent;
  private readonly target: HttpTarget;

  constructor(target: HttpTarget) {
    this.target = target;
    const ca = target.ca === undefined ? {} : { ca: target.ca };
    const secure = target.url.protocol === 'https:';
    this.agent = secure ? new HttpsAgent({ keepAlive: true, ...ca }) : new HttpAgent({ keepAlive: true });
  }

  /** Posts a body; rejects when there is no whole HTTP answer within the time. */
  async post(url: URL, contentType: string, body: Buffer, abort: AbortSignal): Promise<HttpAnswer> {
    const { headers, timeoutMs } = this.target;
    const zipped = this.target.gzip ? await gzip(body) : body;
    const deadline = deadlineOf(abort, timeoutMs);
    const { signal } = deadline;
    const encoding = this.target.gzip ? { 'content-encoding': 'gzip' } : {};
    const allHeaders = { ...headers, 'content-type': contentType, 'content-length': zipped.length, ...encoding };
    const answer = new Promise<HttpAnswer>((resolve, reject) => {
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
      const outgoing = send(url, { method: 'POST', agent: this.agent, headers: allHeaders, signal }, (incoming) => {
        readBody(incoming).then(
          (read) => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: read }),
          reject,
        );
      });
      // Node says only "aborted"; the signal knows that it was the time.
      outgoing.on('error', (error) => reject(signal.aborted ? signal.reason : error));
      outgoing.end(zipped);
    });
    return await answer.finally(deadline.clear);
  }

  close(): void {
    this.agent.destroy();
  }
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of incoming as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_ANSWER_BYTES) break;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const retryable = new Set([429, 502, 503, 504]);

/** What a status other than success means. Source: OTLP 1.x, "Failures": only 429, 502, 503 and 504 may be retried. */
export function resultOfStatus({ status, headers, body }: HttpAnswer): SendResult {
  const why = `HTTP ${status} ${body
    .subarray(0, 200)
    .toString('utf8')
    .replace(/[^\x20-\x7e]+/g, ' ')}`.trim();
  if (!retryable.has(status)) return { kind: 'refused', why };
  const afterMs = retryAfterMs(headers['retry-after']);
  return afterMs === undefined ? { kind: 'retry', why } : { kind: 'retry', why, afterMs };
}

function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** What a request that got no answer means; a protocol mix-up is named. */
export function resultOfFailure(error: unknown, hint: string): SendResult {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  const text = error instanceof Error ? error.message : String(error);
  const why = error instanceof Error && error.name === 'TimeoutError' ? 'no answer in time' : text || String(code);
  const mixedUp = typeof code === 'string' && (code.startsWith('HPE_') || code === 'ERR_HTTP2_ERROR');
  return { kind: 'retry', why: mixedUp ? `${why} (${hint})` : why };
}
