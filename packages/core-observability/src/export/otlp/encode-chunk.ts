import type { Resource } from '../../otlp/resource.js';
import type { Chunk } from '../sender.js';
import { encodeLogs } from './logs-proto.js';
import { encodeMetrics } from './metrics-proto.js';
import { encodeTraces } from './trace-proto.js';

/** A chunk as the OTLP request of its signal, in binary. */
export function encodeChunk(resource: Resource, chunk: Chunk): Buffer {
  switch (chunk.signal) {
    case 'spans':
      return encodeTraces(resource, chunk.spans);
    case 'points':
      return encodeMetrics(resource, chunk.snapshots);
    case 'logs':
      return encodeLogs(resource, chunk.logs);
  }
}
