import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import type { OpenLog } from '../log/open-log.js';
import type { LogAppend, LogMessage } from '../ports/log.js';
import { type ConformanceCase, expectCode } from './conformance-case.js';

/** The rules of `Log`; `open` gives an empty log each time. Logs without `first` and `close` add trivial ones. */
export function logConformance(name: string, open: () => OpenLog | Promise<OpenLog>): readonly ConformanceCase[] {
  return rules.map(([rule, check]) => ({
    name: `${name} ${rule}`,
    run: async () => {
      const log = await open();
      try {
        await check(log);
      } finally {
        await log.close();
      }
    },
  }));
}

const message = (text: string, messageId?: string): LogAppend => ({
  payload: new TextEncoder().encode(text),
  ...(messageId === undefined ? {} : { messageId }),
});
const texts = (messages: readonly LogMessage[]) => messages.map(({ payload }) => new TextDecoder().decode(payload));

const rules: readonly (readonly [name: string, check: (log: OpenLog) => Promise<void>])[] = [
  [
    'numbers messages from 1 without gaps, per topic',
    async (log) => {
      strictEqual(await log.append('a', [message('1'), message('2')]), 2);
      strictEqual(await log.append('b', [message('x')]), 1);
      strictEqual(await log.append('a', [message('3')]), 3);
      strictEqual(await log.last('a'), 3);
      deepStrictEqual(
        (await log.read('a', 1, 10)).map(({ sequence }) => sequence),
        [1, 2, 3],
      );
    },
  ],
  [
    'reads from a sequence up to a limit, and nothing past the end',
    async (log) => {
      await log.append(
        'a',
        ['1', '2', '3', '4', '5'].map((text) => message(text)),
      );
      deepStrictEqual(texts(await log.read('a', 2, 3)), ['2', '3', '4']);
      deepStrictEqual(texts(await log.read('a', 6, 3)), []);
      deepStrictEqual(texts(await log.read('unknown', 1, 3)), []);
      strictEqual(await log.last('unknown'), 0);
    },
  ],
  [
    'keeps headers, empty payloads and payloads that the caller changes afterwards',
    async (log) => {
      const payload = new TextEncoder().encode('before');
      await log.append('a', [{ payload, headers: new Map([['traceparent', 'ünïcode']]) }, message('')]);
      payload.fill(0);
      const [first, second] = await log.read('a', 1, 2);
      deepStrictEqual(texts([first as LogMessage]), ['before']);
      strictEqual(first?.headers.get('traceparent'), 'ünïcode');
      strictEqual(second?.payload.length, 0);
    },
  ],
  [
    'refuses a conditional append whose expectation is wrong, and stores none of it',
    async (log) => {
      await log.append('a', [message('1')], { expectedLast: 0 });
      await expectCode('FENCED', () => log.append('a', [message('2'), message('3')], { expectedLast: 0 }));
      strictEqual(await log.last('a'), 1);
      strictEqual(await log.append('a', [message('2')], { expectedLast: 1 }), 2);
    },
  ],
  [
    'lets one of several contending conditional appends win',
    async (log) => {
      const attempts = ['1', '2', '3', '4'].map((text) => log.append('a', [message(text)], { expectedLast: 0 }));
      const outcomes = await Promise.allSettled(attempts);
      strictEqual(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
      strictEqual(await log.last('a'), 1);
    },
  ],
  [
    'stores a repeated message id once',
    async (log) => {
      await log.append('a', [message('1', 'x')]);
      strictEqual(await log.append('a', [message('1', 'x'), message('2', 'y'), message('2', 'y')]), 2);
      deepStrictEqual(texts(await log.read('a', 1, 10)), ['1', '2']);
    },
  ],
  [
    'drops messages below a sequence and goes on counting',
    async (log) => {
      for (const text of ['1', '2', '3']) await log.append('a', [message(text)]);
      await log.truncate('a', 4);
      strictEqual(await log.first('a'), 4);
      strictEqual(await log.last('a'), 3);
      await expectCode('LOG_TRUNCATED', () => log.read('a', 1, 1));
      strictEqual(await log.append('a', [message('4')]), 4);
      deepStrictEqual(texts(await log.read('a', 4, 1)), ['4']);
    },
  ],
];
