import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crc32c } from '../../src/log/crc32c.js';
import { createLocalLog } from '../../src/log/local-log.js';
import { createMemoryLog } from '../../src/log/memory-log.js';
import { logConformance } from '../../src/testing/log-conformance.js';

let folder: string;
let next = 0;
const directory = () => join(folder, `log-${next++}`);
const message = (text: string, messageId?: string) => ({
  payload: new TextEncoder().encode(text),
  ...(messageId === undefined ? {} : { messageId }),
});
const texts = (messages: readonly { readonly payload: Uint8Array }[]) =>
  messages.map(({ payload }) => new TextDecoder().decode(payload));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sabot-log-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('crc32c', () => {
  it('gives the check value of the Castagnoli polynomial', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  });
});

describe('log', () => {
  const cases = [
    ...logConformance('memory log', () => createMemoryLog()),
    ...logConformance('local log', () => createLocalLog({ directory: directory() })),
    ...logConformance('local log of small segments', () => createLocalLog({ directory: directory(), segmentBytes: 1 })),
  ];
  for (const { name, run } of cases) it(name, run);
});

describe('local log', () => {
  const segmentOf = async (path: string) => {
    const topic = join(path, 'a');
    const names = (await readdir(topic)).sort();
    return join(topic, names.at(-1) as string);
  };

  it('gives back after reopening what had been appended, message ids included', async () => {
    const path = directory();
    const log = await createLocalLog({ directory: path, segmentBytes: 64 });
    for (let at = 1; at <= 20; at++) await log.append('a', [message(`m${at}`, `id${at}`)]);
    await log.close();
    const again = await createLocalLog({ directory: path, segmentBytes: 64 });
    expect(texts(await again.read('a', 1, 100))).toEqual(Array.from({ length: 20 }, (_, at) => `m${at + 1}`));
    expect(await again.append('a', [message('m20', 'id20')])).toBe(20);
    await again.close();
  });

  it('cuts off an append torn anywhere, whole, and goes on behind the last whole one', async () => {
    const path = directory();
    const log = await createLocalLog({ directory: path });
    await log.append('a', [message('kept')]);
    const whole = (await readFile(await segmentOf(path))).length;
    await log.append('a', [message('torn one'), message('torn two')]);
    await log.close();
    const file = await segmentOf(path);
    const bytes = await readFile(file);
    for (let length = whole; length < bytes.length; length++) {
      await writeFile(file, bytes);
      await truncate(file, length);
      const again = await createLocalLog({ directory: path });
      expect(texts(await again.read('a', 1, 10))).toEqual(['kept']);
      expect(await again.append('a', [message('next')])).toBe(2);
      await again.close();
    }
  });

  it('refuses damage in front of a whole append, naming the segment', async () => {
    const path = directory();
    const log = await createLocalLog({ directory: path });
    await log.append('a', [message('first')]);
    await log.append('a', [message('second')]);
    await log.close();
    const file = await segmentOf(path);
    const bytes = await readFile(file);
    bytes[20] = (bytes[20] as number) ^ 1;
    await writeFile(file, bytes);
    const again = await createLocalLog({ directory: path });
    await expect(again.read('a', 1, 10)).rejects.toMatchObject({ code: 'SABOT_STREAM_LOG_CORRUPT' });
    await again.close();
  });

  it('removes whole segments only', async () => {
    const path = directory();
    const log = await createLocalLog({ directory: path, segmentBytes: 1 });
    for (let at = 1; at <= 5; at++) await log.append('a', [message(`m${at}`)]);
    await log.truncate('a', 3);
    expect(await log.first('a')).toBe(3);
    expect(await readdir(join(path, 'a'))).toHaveLength(3);
    await log.close();
  });

  it('shows a reader what another writer has finished, and lets it change nothing', async () => {
    const path = directory();
    const reader = await createLocalLog({ directory: path, readOnly: true });
    expect(await reader.last('a')).toBe(0);
    expect(await reader.read('a', 1, 10)).toEqual([]);
    const log = await createLocalLog({ directory: path, segmentBytes: 1 });
    for (const text of ['1', '2', '3']) await log.append('a', [message(text)]);
    expect(texts(await reader.read('a', 1, 10))).toEqual(['1', '2', '3']);
    await log.truncate('a', 3);
    expect([await reader.first('a'), await reader.last('a')]).toEqual([3, 3]);
    const file = await segmentOf(path);
    const whole = await readFile(file);
    await truncate(file, whole.length - 1);
    expect(await reader.last('a')).toBe(2);
    expect((await readFile(file)).length).toBe(whole.length - 1);
    await expect(reader.append('a', [message('4')])).rejects.toMatchObject({ code: 'SABOT_STREAM_LOG_FAILED' });
    await expect(reader.truncate('a', 9)).rejects.toMatchObject({ code: 'SABOT_STREAM_LOG_FAILED' });
    await log.close();
    await reader.close();
  });

  it('refuses to work after it has been closed', async () => {
    const log = await createLocalLog({ directory: directory() });
    await log.close();
    await expect(log.last('a')).rejects.toMatchObject({ code: 'SABOT_STREAM_CLOSED' });
  });
});
