import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Utf8Check } from '../../src/sources/utf8-check.js';

/** Where the first character that is none begins, found one character after the other. */
function naive(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length) {
    const length = [1, 2, 3, 4].find((n) => at + n <= bytes.length && isUtf8(bytes.subarray(at, at + n)));
    if (length === undefined) return at;
    at += length;
  }
  return Number.POSITIVE_INFINITY;
}

describe('the check of UTF-8', () => {
  it('finds the first byte that is none, however the flow is cut into chunks', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀') }).map((words) => Buffer.from(words));
    const piece = fc.oneof(text, text, fc.uint8Array({ maxLength: 2 }).map(Buffer.from));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.array(fc.nat(8), { minLength: 1 }), (pieces, cuts) => {
        const bytes = Buffer.concat(pieces);
        const check = new Utf8Check();
        for (let at = 0, cut = 0; at < bytes.length; cut++) {
          const length = 1 + (cuts[cut % cuts.length] as number);
          check.add(bytes.subarray(at, at + length));
          at += length;
        }
        check.end();
        const expected = naive(bytes);
        expect(check.invalidAt).toBeGreaterThanOrEqual(expected);
        // Only its last byte may give a character away.
        expect(check.invalidAt).toBeLessThanOrEqual(expected + 3);
      }),
      { numRuns: 500 },
    );
  });
});
