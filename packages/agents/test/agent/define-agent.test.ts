import { defineSchema, int32, list, timestamp, utf8 } from '@sabot/columnar';
import type { OperatorSpec, Stream } from '@sabot/stream';
import { describe, expect, it } from 'vitest';
import { attachAgent } from '../../src/agent/attach-agent.js';
import { defineAgent } from '../../src/agent/define-agent.js';
import { countingAgent, input, output } from '../counting-agent.js';

const nothing = () => undefined;

/** A stream of this schema that gives back the spec it is applied to. */
function describedStream(schema: Stream['schema']) {
  const specs: OperatorSpec[] = [];
  const stream = {
    schema,
    apply(spec: OperatorSpec) {
      specs.push(spec);
      return { schema: spec.schema, side: (name: string) => spec.sideOutputs?.[name] };
    },
  };
  return { stream: stream as unknown as Stream<typeof input.fields>, specs };
}

describe('defineAgent', () => {
  it('fills in what is not given', () => {
    expect(defineAgent({ name: 'plain', input, output, onRow: nothing })).toMatchObject({
      key: [],
      state: {},
      eventTime: null,
      onFailure: 'fail',
      mailboxBytes: 8 * 1024 * 1024,
      policy: { restart: 'permanent', maxRestarts: 3, withinMs: 60_000 },
    });
  });

  it.each([
    ['an empty name', { name: ' ' }, 'its name is empty'],
    ['no handler', { onRow: undefined }, 'exactly one of onRow and onBatch'],
    ['two handlers', { onBatch: nothing }, 'exactly one of onRow and onBatch'],
    ['an unknown key column', { key: 'kye' }, 'key names "kye", and the columns are "key", "amount"'],
    ['an unknown time column', { eventTime: 'at' }, 'eventTime names "at"'],
    ['an impossible mailbox', { mailboxBytes: 0 }, 'mailboxBytes 0'],
    [
      'a key type that cannot be a key',
      { input: defineSchema({ key: list(utf8()) }), key: 'key' },
      'type list cannot be keys',
    ],
  ])('refuses %s', (_what, wrong, part) => {
    const options = { name: 'a', input, output, onRow: nothing, ...wrong };
    expect(() => defineAgent(options as unknown as Parameters<typeof defineAgent>[0])).toThrow(part);
  });
});

describe('attachAgent', () => {
  it('describes an asynchronous operator behind a mailbox of the given size', () => {
    const { stream, specs } = describedStream(input);
    attachAgent(stream, countingAgent({ mailboxBytes: 1024 }));
    attachAgent(stream, countingAgent(), { name: 'second' });
    expect(specs).toMatchObject([
      {
        kind: 'agent',
        name: 'counter',
        async: true,
        channelBytes: 1024,
        eventTime: null,
        facts: { agent: 'counter' },
        describe: 'agent counter, permanent, rows that fail: fail',
      },
      { name: 'second' },
    ]);
  });

  it('puts the key into the schema of the state, so that a checkpoint under another key is refused', () => {
    const { stream, specs } = describedStream(input);
    attachAgent(stream, countingAgent());
    attachAgent(stream, countingAgent({ key: ['key', 'amount'] }));
    const [byKey, byBoth] = specs.map((spec) => spec.stateSchema);
    expect(byKey).toContain('by(key:utf8)');
    expect(byBoth).toContain('by(key:utf8,amount:int32)');
    expect(byKey?.replace('by(key:utf8)', '')).toBe(byBoth?.replace('by(key:utf8,amount:int32)', ''));
  });

  it('refuses a stream that lacks an input column or has it with another type', () => {
    const attach = (schema: Stream['schema']) => () => attachAgent(describedStream(schema).stream, countingAgent());
    expect(attach(defineSchema({ key: utf8() }))).toThrow('the stream has no column "amount"');
    expect(attach(defineSchema({ key: utf8(), amount: utf8() }))).toThrow('"amount" is utf8 and the agent reads int32');
  });

  it('has dead letters only when it keeps them, and no input column in their way', () => {
    const { stream, specs } = describedStream(input);
    expect(() => attachAgent(stream, countingAgent()).deadLetters).toThrow("its onFailure is 'fail'");
    attachAgent(stream, countingAgent({ onFailure: 'dead-letter' }));
    expect(Object.keys(specs.at(-1)?.sideOutputs ?? {})).toEqual(['deadLetters']);
    const taken = defineSchema({ _agent: utf8() });
    const agent = defineAgent({ name: 'a', input: taken, output, onRow: nothing, onFailure: 'dead-letter' });
    const taking = describedStream(taken).stream as unknown as Stream<typeof taken.fields>;
    expect(() => attachAgent(taking, agent)).toThrow('its input has a column "_agent"');
  });

  it('hands the time column of the output on', () => {
    const timed = defineSchema({ at: timestamp('ms'), n: int32() });
    const { stream, specs } = describedStream(timed);
    const agent = defineAgent({ name: 'timed', input: timed, output: timed, eventTime: 'at', onRow: nothing });
    attachAgent(stream as unknown as Stream<typeof timed.fields>, agent);
    expect(specs[0]?.eventTime).toBe('at');
  });
});
