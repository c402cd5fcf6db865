import { errors } from '../errors.js';
import { withoutSecrets } from '../redaction/secret-text.js';

const TIMEOUT_MS = 5000;

/** An answer of a backend: its JSON, or that it has no such path. */
export type JsonAnswer =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'not-found'; readonly text: string };

/**
 * Asks a backend for JSON. Errors: `SABOT_TELEMETRY_BACKEND_UNREADABLE` when it does not answer, or with an error, or with something
 * else than JSON.
 */
export async function getJson(backend: string, url: URL): Promise<JsonAnswer> {
  const unreadable = (why: string, cause?: unknown): Error =>
    errors.error('BACKEND_UNREADABLE', {
      what: `cannot read from ${backend} at ${withoutSecrets(url.origin)}`,
      why,
      cause,
    });
  let status: number;
  let text: string;
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { accept: 'application/json' },
    });
    status = response.status;
    text = await response.text();
  } catch (error) {
    throw unreadable(reasonOf(error), error);
  }
  if (status === 404) return { kind: 'not-found', text };
  if (status < 200 || status > 299) throw unreadable(`it answers with status ${status}: ${text.slice(0, 200)}`);
  try {
    return { kind: 'json', value: JSON.parse(text) };
  } catch (error) {
    throw unreadable('its answer is not JSON', error);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS} ms`;
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && 'code' in cause) {
    return cause.code === 'ECONNREFUSED' ? 'nothing listens there' : String(cause.code);
  }
  return error instanceof Error ? error.message : String(error);
}
