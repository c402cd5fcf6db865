import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carrierOf, extractBaggage, extractContext, injectBaggage, injectContext } from '../../src/index.js';

const digits = '0123456789abcdef';
const hexOf = (length: number) =>
  fc
    .array(fc.constantFrom(...digits), { minLength: length, maxLength: length })
    .map((chars) => chars.join(''))
    .filter((hex) => /[^0]/.test(hex));
const contexts = fc.record({ traceId: hexOf(32), spanId: hexOf(16), traceFlags: fc.constantFrom(0, 1) });

describe('a trace context', () => {
  it('comes out of a carrier as it went in', () => {
    fc.assert(
      fc.property(contexts, fc.constantFrom(undefined, 'vendor=1', 'a=1,b=2'), (context, traceState) => {
        const given = traceState === undefined ? context : { ...context, traceState };
        for (const carrier of [carrierOf({}), carrierOf(new Map())]) {
          injectContext(given, carrier);
          expect(extractContext(carrier)).toEqual(given);
        }
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['an all-zero trace id', `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`],
    ['an all-zero span id', `00-${'a'.repeat(32)}-${'0'.repeat(16)}-01`],
    ['version ff', `ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01`],
    ['upper case', `00-${'A'.repeat(32)}-${'b'.repeat(16)}-01`],
    ['a field too many for version 00', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01-x`],
    ['a short id', `00-${'a'.repeat(31)}-${'b'.repeat(16)}-01`],
  ])('is refused when the header has %s', (_, traceparent) => {
    expect(extractContext(carrierOf({ traceparent }))).toBeUndefined();
  });

  it('of a later version is read as far as it is known', () => {
    const traceparent = `01-${'a'.repeat(32)}-${'b'.repeat(16)}-01-later`;
    expect(extractContext(carrierOf({ traceparent }))).toMatchObject({ traceFlags: 1 });
  });

  it('is found whatever the case of the header', () => {
    const carrier = carrierOf({ TraceParent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` });
    expect(extractContext(carrier)?.traceId).toBe('a'.repeat(32));
  });

  it('without a valid id writes nothing', () => {
    const headers: Record<string, string> = {};
    injectContext({ traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 }, carrierOf(headers));
    expect(headers).toEqual({});
  });

  it('loses a malformed tracestate and keeps at most 32 members of a long one', () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    expect(extractContext(carrierOf({ traceparent, tracestate: 'a=1,=' }))?.traceState).toBeUndefined();
    const long = Array.from({ length: 40 }, (_, n) => `k${n}=v`).join(',');
    const kept = extractContext(carrierOf({ traceparent, tracestate: long }))?.traceState;
    expect(kept?.split(',')).toHaveLength(32);
  });
});

describe('baggage', () => {
  it('comes out of a carrier as it went in', () => {
    const names = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,10}$/);
    fc.assert(
      fc.property(fc.dictionary(names, fc.string({ maxLength: 40, unit: 'grapheme' }), { maxKeys: 10 }), (members) => {
        const carrier = carrierOf({});
        const given = new Map(Object.entries(members));
        expect(injectBaggage(given, carrier)).toBe(0);
        expect(extractBaggage(carrier)).toEqual(given);
      }),
    );
  });

  it('from outside is cut at 64 members', () => {
    const baggage = Array.from({ length: 100 }, (_, n) => `k${n}=v`).join(',');
    expect(extractBaggage(carrierOf({ baggage })).size).toBe(64);
  });

  it('from outside is cut at 8192 bytes, at a whole member', () => {
    const baggage = Array.from({ length: 20 }, (_, n) => `k${n}=${'v'.repeat(1000)}`).join(',');
    const members = extractBaggage(carrierOf({ baggage }));
    expect(members.size).toBe(8);
    expect([...members.values()].every((value) => value.length === 1000)).toBe(true);
  });

  it('leaves out what is malformed', () => {
    const carrier = carrierOf({ baggage: 'good=1,=2,bad name=3,half=%E0%A4%A,rest=4;property' });
    expect([...extractBaggage(carrier)]).toEqual([
      ['good', '1'],
      ['rest', '4'],
    ]);
  });

  it('that does not fit is left out and counted', () => {
    const members = new Map(Array.from({ length: 70 }, (_, n) => [`k${n}`, 'v'] as const));
    expect(injectBaggage(members, carrierOf({}))).toBe(6);
  });
});
