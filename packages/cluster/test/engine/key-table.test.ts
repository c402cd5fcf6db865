import { createMemoryLog } from '@sabot/stream';
import type { OpenLog } from '@sabot/stream/ports';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyTable } from '../../src/engine/key-table.js';

describe('key table', () => {
  it('equals a plain map with compare-and-set, and replays to the same, whatever is done', async () => {
    const operation = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      value: fc.option(fc.constantFrom('1', '2', '3'), { nil: undefined }),
      // What the writer believes: the revision it saw last, nothing, or no expectation at all.
      belief: fc.constantFrom('current', 'absent', 'stale', 'any'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
        const log = createMemoryLog();
        const table = await KeyTable.open(log, 't', { compactAfterRecords: 5 });
        const model = new Map<string, { value: string; revision: number }>();
        for (const { belief, key, value } of operations) {
          const held = model.get(key)?.revision ?? 0;
          const expected = { current: held, absent: 0, stale: held + 1, any: undefined }[belief];
          const revision = await table.write(key, value, expected);
          const wanted = (expected === undefined || expected === held) && (value !== undefined || held !== 0);
          expect(revision !== undefined).toBe(wanted);
          if (revision === undefined) continue;
          if (value === undefined) model.delete(key);
          else model.set(key, { value, revision });
        }
        const entries = [...model].map(([key, entry]) => ({ key, ...entry })).sort((a, b) => (a.key < b.key ? -1 : 1));
        expect(table.list('')).toEqual(entries);
        const replayed = await KeyTable.open(log, 't');
        expect(replayed.list('')).toEqual(entries);
      }),
      { numRuns: 100 },
    );
  });

  it('stores writes of one moment with one append', async () => {
    const log = createMemoryLog();
    const table = await KeyTable.open(log, 't');
    await Promise.all(Array.from({ length: 100 }, (_, i) => table.write(`k${i}`, 'v', 0)));
    expect(table.stats).toMatchObject({ appends: 1, records: 100 });
  });

  it('keeps its topic bounded however often a key is rewritten', async () => {
    const log = createMemoryLog();
    const table = await KeyTable.open(log, 't', { compactAfterRecords: 50 });
    for (let i = 0; i < 1000; i++) await table.write('beat', String(i), undefined);
    expect((await log.last('t')) - (await log.first('t'))).toBeLessThan(60);
    expect(table.stats.compactions).toBeGreaterThan(15);
    expect((await KeyTable.open(log, 't')).get('beat')?.value).toBe('999');
  });

  it('takes a failed append that was stored all the same as stored', async () => {
    const log = breakable();
    const table = await KeyTable.open(log, 't');
    log.mode = 'stores-then-fails';
    const revision = await table.write('a', '1', 0);
    log.mode = 'works';
    expect(table.get('a')).toEqual({ key: 'a', value: '1', revision });
    expect(await table.write('a', '2', revision)).toBe((revision as number) + 1);
  });

  it('refuses a write that was not stored, by code, and goes on', async () => {
    const log = breakable();
    const table = await KeyTable.open(log, 't');
    log.mode = 'fails';
    await expect(table.write('a', '1', 0)).rejects.toMatchObject({ code: 'SABOT_CLUSTER_ENGINE_WRITE_FAILED' });
    expect(table.get('a')).toBeUndefined();
    log.mode = 'works';
    expect(await table.write('a', '1', 0)).toBe(1);
  });

  it('decides nothing any more once somebody else has written to its topic', async () => {
    const log = createMemoryLog();
    const first = await KeyTable.open(log, 't');
    const second = await KeyTable.open(log, 't');
    await first.write('a', '1', 0);
    await expect(second.write('a', '2', 0)).rejects.toMatchObject({ code: 'SABOT_CLUSTER_ENGINE_WRITE_FAILED' });
    await expect(second.write('b', '2', 0)).rejects.toMatchObject({ code: 'SABOT_CLUSTER_ENGINE_WRITE_FAILED' });
    expect((await KeyTable.open(log, 't')).list('').map(({ key, value }) => [key, value])).toEqual([['a', '1']]);
  });

  it('refuses a record that it does not understand, by code', async () => {
    const log = createMemoryLog();
    await log.append('t', [{ payload: new TextEncoder().encode('["x",1]') }]);
    await expect(KeyTable.open(log, 't')).rejects.toMatchObject({ code: 'SABOT_CLUSTER_ENGINE_RECORD_INVALID' });
  });
});

function breakable(): OpenLog & { mode: 'works' | 'fails' | 'stores-then-fails' } {
  const log = createMemoryLog();
  const broken: OpenLog & { mode: 'works' | 'fails' | 'stores-then-fails' } = {
    ...log,
    mode: 'works',
    append: async (topic, messages, options) => {
      if (broken.mode === 'fails') throw new Error('no space left on device');
      const last = await log.append(topic, messages, options);
      if (broken.mode === 'stores-then-fails') throw new Error('the reply was lost');
      return last;
    },
  };
  return broken;
}
