import type { Fields } from '@sabot/columnar';
import type { Sink } from '../ports/sink.js';
import { type FileFormat, fileSink } from './file-sink.js';
import { jsonLines } from './json-lines.js';

const NOTHING = new Uint8Array(0);

/**
 * Appends one JSON object per row and line, exactly once. Instants are ISO 8601 text in UTC, 64-bit integers are exact
 * JSON numbers, binary is base64, not-a-number and the infinities are null.
 */
export function ndjsonFileSink<F extends Fields>(path: string): Sink<F> {
  const encoder = new TextEncoder();
  const format: FileFormat = {
    head: () => NOTHING,
    encode: (batch) => encoder.encode(jsonLines(batch)),
    tail: NOTHING,
  };
  return fileSink(`ndjson file ${path}`, path, format);
}
