import { ByteWriter } from '../bytes/byte-writer.js';
import { appendEscaped } from '../key/key-encoding.js';

/** Composes the store keys of one state in one buffer; what it returns is valid until the next call. */
export class StorageKey {
  private readonly writer = new ByteWriter(128);
  private readonly namespace: Uint8Array;

  constructor(namespace: Uint8Array) {
    this.namespace = namespace;
  }

  /** The only entry of a key. */
  single(key: Uint8Array): Uint8Array {
    this.writer.reset().bytes(this.namespace);
    this.writer.bytes(key);
    return this.current();
  }

  /** One of many entries of a key. The key is escaped: it must not be a prefix of another key's entries. */
  entry(key: Uint8Array, suffix: Uint8Array, suffixLength = suffix.length): Uint8Array {
    this.prefix(key);
    this.writer.bytes(suffix, 0, suffixLength);
    return this.current();
  }

  /** What all entries of a key begin with, copied. */
  prefixOf(key: Uint8Array): Uint8Array {
    this.prefix(key);
    return this.writer.copy();
  }

  private prefix(key: Uint8Array): void {
    this.writer.reset().bytes(this.namespace);
    appendEscaped(this.writer, key, 0, key.length);
  }

  private current(): Uint8Array {
    return this.writer.buffer.subarray(0, this.writer.length);
  }
}

/** The first byte string after all that begin with `prefix`; undefined when there is none. */
export function prefixEnd(prefix: Uint8Array): Uint8Array | undefined {
  for (let length = prefix.length; length > 0; length--) {
    if (prefix[length - 1] === 0xff) continue;
    const end = prefix.slice(0, length);
    end[length - 1] = (end[length - 1] as number) + 1;
    return end;
  }
  return undefined;
}

/** The range of all keys that begin with `prefix`. */
export function rangeOf(prefix: Uint8Array): { readonly from: Uint8Array; readonly to?: Uint8Array } {
  const to = prefixEnd(prefix);
  return to === undefined ? { from: prefix } : { from: prefix, to };
}
