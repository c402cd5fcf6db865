import { protoFields } from './proto-reader.js';

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

/**
 * How long a gRPC server asks to wait, from `grpc-status-details-bin` (Base64 of a `google.rpc.Status`); undefined when it does not
 * say. Source: OTLP 1.x, "Throttling": without it RESOURCE_EXHAUSTED may not be retried.
 */
export function retryInfoMs(detailsBase64: string | undefined): number | undefined {
  if (detailsBase64 === undefined) return undefined;
  // Status { repeated Any details = 3 }, Any { type_url = 1, value = 2 }, RetryInfo { Duration retry_delay = 1 }.
  for (const detail of messagesAt(Buffer.from(detailsBase64, 'base64'), 3)) {
    const [type] = messagesAt(detail, 1);
    const [info] = messagesAt(detail, 2);
    if (type === undefined || Buffer.from(type).toString('utf8') !== RETRY_INFO) continue;
    const [delay = new Uint8Array()] = messagesAt(info ?? new Uint8Array(), 1);
    return durationMs(delay);
  }
  return undefined;
}

function messagesAt(message: Uint8Array, number: number): readonly Uint8Array[] {
  return [...protoFields(message)].flatMap((field) =>
    field.number === number && typeof field.value !== 'number' ? [field.value] : [],
  );
}

function durationMs(duration: Uint8Array): number {
  let ms = 0;
  for (const { number, value } of protoFields(duration)) {
    if (typeof value !== 'number') continue;
    ms += number === 1 ? value * 1000 : value / 1e6;
  }
  return ms;
}
