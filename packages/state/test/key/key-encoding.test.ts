import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes } from '../../src/bytes/compare.js';
import { createKeyWriter, decodeKey, type KeyPart, type KeyWriter } from '../../src/key/key-encoding.js';

type Write = (writer: KeyWriter) => KeyWriter;

function keyOf(...parts: readonly Write[]): Uint8Array {
  const writer = createKeyWriter();
  for (const part of parts) part(writer);
  return writer.bytes();
}

const sign = Math.sign;

describe('a key', () => {
  it('orders as its parts do', () => {
    const same = <T>(arbitrary: fc.Arbitrary<T>, write: (value: T) => Write, compare: (a: T, b: T) => number) =>
      fc.assert(
        fc.property(arbitrary, arbitrary, (a, b) => {
          expect(sign(compareBytes(keyOf(write(a)), keyOf(write(b))))).toBe(sign(compare(a, b)));
        }),
      );
    const byValue = <T>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0);
    same(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => (w) => w.int64(value), byValue);
    same(fc.maxSafeInteger(), (value) => (w) => w.int64(value), byValue);
    same(fc.double({ noNaN: true }), (value) => (w) => w.float64(value), byValue);
    same(fc.double({ noNaN: true }), (value) => (w) => w.timestamp(value), byValue);
    same(fc.boolean(), (value) => (w) => w.bool(value), byValue);
    const points = (text: string) => Buffer.from(text, 'utf8');
    same(
      fc.string({ unit: 'binary' }),
      (text) => (w) => w.utf8(text),
      (a, b) => Buffer.compare(points(a), points(b)),
    );
  });

  it('orders by its first part, then by the next', () => {
    const pair = fc.tuple(fc.constantFrom('', '\0', '\0\0', 'a', 'a\0', 'ab'), fc.integer({ min: -2, max: 2 }));
    const write = ([text, number]: readonly [string, number]) =>
      keyOf(
        (w) => w.utf8(text),
        (w) => w.int64(number),
      );
    fc.assert(
      fc.property(pair, pair, (a, b) => {
        const expected = Buffer.compare(Buffer.from(a[0]), Buffer.from(b[0])) || a[1] - b[1];
        expect(sign(compareBytes(write(a), write(b)))).toBe(sign(expected));
      }),
    );
  });

  it('reads back as it was written', () => {
    const part: fc.Arbitrary<readonly [Write, KeyPart]> = fc.oneof(
      fc.constant([(w: KeyWriter) => w.null(), { type: 'null', value: null }] as const),
      fc.boolean().map((value) => [(w: KeyWriter) => w.bool(value), { type: 'bool', value }] as const),
      fc
        .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
        .map((value) => [(w: KeyWriter) => w.int64(value), { type: 'int64', value }] as const),
      fc.double().map((value) => [(w: KeyWriter) => w.float64(value), { type: 'float64', value: value + 0 }] as const),
      fc.integer().map((value) => [(w: KeyWriter) => w.timestamp(value), { type: 'timestamp', value }] as const),
      fc
        .string({ unit: 'grapheme' })
        .map((value) => [(w: KeyWriter) => w.utf8(value), { type: 'utf8', value }] as const),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        expect(decodeKey(keyOf(...parts.map(([write]) => write)))).toEqual(parts.map(([, read]) => read));
      }),
    );
  });

  it('takes −0 for 0 and puts NaN behind every number', () => {
    expect(keyOf((w) => w.float64(-0))).toEqual(keyOf((w) => w.float64(0)));
    expect(
      compareBytes(
        keyOf((w) => w.float64(Number.NaN)),
        keyOf((w) => w.float64(Infinity)),
      ),
    ).toBeGreaterThan(0);
  });

  it('is written from the words and bytes of columns without a string or bigint', () => {
    const bytes = new TextEncoder().encode('xATLx');
    expect(keyOf((w) => w.utf8Bytes(bytes, 1, 4))).toEqual(keyOf((w) => w.utf8('ATL')));
    const words = new Int32Array(new BigInt64Array([-5_000_000_000n]).buffer);
    expect(keyOf((w) => w.int64Words(words[0] as number, words[1] as number))).toEqual(
      keyOf((w) => w.int64(-5_000_000_000)),
    );
  });

  it('refuses numbers that are no safe integers, and bytes that are no key', () => {
    expect(() => keyOf((w) => w.int64(2 ** 53))).toThrow(/SABOT_STATE_CODEC_VALUE/);
    expect(() => keyOf((w) => w.int64(1.5))).toThrow(/SABOT_STATE_CODEC_VALUE/);
    for (const bytes of [[0], [99], [4, 1], [7, 65], [5, 0, 0, 0, 0, 0, 0, 0]]) {
      expect(() => decodeKey(Uint8Array.from(bytes))).toThrow(/SABOT_STATE_CODEC_BYTES/);
    }
  });
});
