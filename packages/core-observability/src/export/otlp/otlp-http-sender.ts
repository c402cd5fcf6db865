import type { Resource } from '../../otlp/resource.js';
import { withoutSecrets } from '../../redaction/secret-text.js';
import type { Chunk, Sender, SendResult } from '../sender.js';
import { encodeChunk } from './encode-chunk.js';
import { HttpExchange, type HttpTarget, resultOfFailure, resultOfStatus } from './http-exchange.js';
import { readPartialSuccess } from './partial-success.js';

const HINT = 'does the port speak gRPC? OTLP over HTTP is usually on 4318, gRPC on 4317';

/** Sends OTLP over HTTP in binary to `<endpoint>/v1/traces`, `/v1/metrics` and `/v1/logs`. */
export function createOtlpHttpSender(target: HttpTarget, resource: Resource): Sender {
  const exchange = new HttpExchange(target);
  const urls = {
    spans: pathBelow(target.url, 'v1/traces'),
    points: pathBelow(target.url, 'v1/metrics'),
    logs: pathBelow(target.url, 'v1/logs'),
  };
  return {
    target: withoutSecrets(target.url.href),
    close: () => exchange.close(),
    async send(chunk: Chunk, abort: AbortSignal): Promise<SendResult> {
      const body = encodeChunk(resource, chunk);
      try {
        const answer = await exchange.post(urls[chunk.signal], 'application/x-protobuf', body, abort);
        if (answer.status < 200 || answer.status > 299) return resultOfStatus(answer);
        const { rejected, message } = readPartialSuccess(answer.body);
        return { kind: 'delivered', rejected, why: message };
      } catch (error) {
        return resultOfFailure(error, HINT);
      }
    },
  };
}

function pathBelow(base: URL, path: string): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${path}`;
  return url;
}
