import type { Resource } from '../../otlp/resource.js';
import { withoutSecrets } from '../../redaction/secret-text.js';
import { HttpExchange, type HttpTarget, resultOfFailure, resultOfStatus } from '../otlp/http-exchange.js';
import type { Chunk, Sender, SendResult } from '../sender.js';
import { encodeThriftBatch } from './thrift-batch.js';

const HINT = 'a Jaeger collector takes Thrift over HTTP on 14268, path /api/traces';

/** Sends spans to a Jaeger collector's `/api/traces`. */
export function createThriftSender(target: HttpTarget, resource: Resource): Sender {
  const exchange = new HttpExchange(target);
  const url = new URL(target.url);
  if (!url.searchParams.has('format')) url.searchParams.set('format', 'jaeger.thrift');
  return {
    target: withoutSecrets(target.url.href),
    close: () => exchange.close(),
    async send(chunk: Chunk, abort: AbortSignal): Promise<SendResult> {
      if (chunk.signal !== 'spans') return { kind: 'refused', why: 'Jaeger takes spans only' };
      try {
        const body = encodeThriftBatch(resource, chunk.spans);
        const answer = await exchange.post(url, 'application/vnd.apache.thrift.binary', body, abort);
        if (answer.status < 200 || answer.status > 299) return resultOfStatus(answer);
        return { kind: 'delivered', rejected: 0 };
      } catch (error) {
        return resultOfFailure(error, HINT);
      }
    },
  };
}
