import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes } from '../../src/bytes/compare.js';
import { crc32c } from '../../src/bytes/crc32c.js';
import {
  decodeSnapshot,
  encodeSnapshot,
  readSnapshotHeader,
  type SnapshotEntry,
} from '../../src/snapshot/snapshot-format.js';

const bytes = (max: number) => fc.uint8Array({ maxLength: max });
const entries = fc
  .uniqueArray(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.option(bytes(300))), {
    selector: ([key]) => Buffer.from(key).toString('hex'),
  })
  .map((list) => list.sort(([a], [b]) => compareBytes(a, b)) as SnapshotEntry[]);

describe('crc32c', () => {
  it('gives the published values', () => {
    // RFC 3720, appendix B.4.
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, at) => at))).toBe(0x46dd794e);
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
  });
});

describe('a snapshot', () => {
  it('reads back as it was written', () => {
    fc.assert(
      fc.property(entries, fc.maxSafeNat(), (content, epoch) => {
        const base = epoch > 0 ? { epoch: epoch - 1, id: 'ab'.repeat(16) } : null;
        const { id, bytes: written } = encodeSnapshot({ epoch, base }, content, 0);
        const read = decodeSnapshot(written);
        expect(read).toMatchObject({ epoch, id, baseEpoch: base?.epoch ?? null, entries: content.length });
        expect([...read.content].map(([key, value]) => [[...key], value && [...value]])).toEqual(
          content.map(([key, value]) => [[...key], value && [...value]]),
        );
      }),
    );
  });

  it('is refused cut at any length and with any byte altered', () => {
    const content: SnapshotEntry[] = [
      [Uint8Array.of(1), Uint8Array.of(1, 2, 3)],
      [Uint8Array.of(2), null],
    ];
    const { bytes: written } = encodeSnapshot({ epoch: 3, base: null }, content, 0);
    for (let length = 0; length < written.length; length++) {
      expect(() => decodeSnapshot(written.subarray(0, length))).toThrow(/SABOT_STATE_SNAPSHOT_CORRUPT/);
    }
    for (let at = 0; at < written.length; at++) {
      const altered = written.slice();
      altered[at] = (altered[at] as number) ^ 0x40;
      expect(() => decodeSnapshot(altered)).toThrow(/SABOT_STATE_SNAPSHOT_(CORRUPT|VERSION)/);
    }
  });

  it('of a later format version is refused as such', () => {
    const { bytes: written } = encodeSnapshot({ epoch: 3, base: null }, [], 0);
    written[4] = 2;
    expect(() => readSnapshotHeader(written)).toThrow(/it has format version 2, this version reads 1/);
  });

  it('of version 1 restores: the bytes stand as written by the first release', () => {
    const content: SnapshotEntry[] = [
      [Uint8Array.of(1), Uint8Array.of(7)],
      [Uint8Array.of(1, 0), new Uint8Array(0)],
    ];
    const { bytes: written } = encodeSnapshot({ epoch: 5, base: null }, content, 0);
    expect(Buffer.from(written).toString('hex')).toMatchInlineSnapshot(
      `"5342535301000100050000000000000000000000000000007b34dd8b0aa681c896ffedf697879f6300000000000000000000000000000000020000000000000001020107020101009c3b8a94"`,
    );
  });
});
