import { streamErrors } from '../errors.js';

/** What one operator puts into a checkpoint. */
export interface SnapshotPart {
  readonly id: string;
  /** The operator's own state; undefined: it keeps none. */
  readonly operator: Uint8Array | undefined;
  /** Its keyed state: whole when `baseEpoch` is null, else what changed since that epoch. */
  readonly state: { readonly epoch: number; readonly baseEpoch: number | null; readonly bytes: Uint8Array } | undefined;
}

interface PartHeader {
  readonly id: string;
  readonly operatorBytes: number | null;
  readonly state: { readonly epoch: number; readonly baseEpoch: number | null; readonly bytes: number } | null;
}

const MAGIC = 0x31_4b_43_53; // "SCK1"

/** One checkpoint's parts as one blob: `u32 magic · u32 header length · JSON header · payloads`; checksummed by the store. */
export function encodeSnapshot(parts: readonly SnapshotPart[]): Uint8Array {
  const headers: PartHeader[] = parts.map(({ id, operator, state }) => ({
    id,
    operatorBytes: operator?.length ?? null,
    state: state === undefined ? null : { epoch: state.epoch, baseEpoch: state.baseEpoch, bytes: state.bytes.length },
  }));
  const header = new TextEncoder().encode(JSON.stringify(headers));
  const payloads = parts
    .flatMap(({ operator, state }) => [operator, state?.bytes])
    .filter((bytes) => bytes !== undefined);
  const blob = new Uint8Array(8 + header.length + payloads.reduce((sum, bytes) => sum + bytes.length, 0));
  const view = new DataView(blob.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, header.length, true);
  blob.set(header, 8);
  let at = 8 + header.length;
  for (const bytes of payloads) {
    blob.set(bytes, at);
    at += bytes.length;
  }
  return blob;
}

/** The parts of a blob, as views of it. Fails with `SABOT_STREAM_CHECKPOINT_INVALID`. */
export function decodeSnapshot(name: string, blob: Uint8Array): readonly SnapshotPart[] {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  if (blob.length < 8 || view.getUint32(0, true) !== MAGIC) {
    throw streamErrors.error('CHECKPOINT_INVALID', {
      what: `cannot read checkpoint "${name}"`,
      why: 'it does not begin like one, or comes from another version',
    });
  }
  const headerEnd = 8 + view.getUint32(4, true);
  const headers = JSON.parse(new TextDecoder().decode(blob.subarray(8, headerEnd))) as readonly PartHeader[];
  let at = headerEnd;
  const next = (length: number) => {
    at += length;
    return blob.subarray(at - length, at);
  };
  return headers.map(({ id, operatorBytes, state }) => ({
    id,
    operator: operatorBytes === null ? undefined : next(operatorBytes),
    state: state === null ? undefined : { ...state, bytes: next(state.bytes) },
  }));
}
