import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLocalLog } from '../../src/log/local-log.js';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sabot-log-faults-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(directory, { recursive: true, force: true });
});

type Handle = Awaited<ReturnType<typeof open>>;

/** What every file handle of this process inherits its methods from. */
async function handles(): Promise<Handle> {
  const handle = await open(directory, 'r');
  await handle.close();
  return Object.getPrototypeOf(handle) as Handle;
}

const failure = (code: string) => Object.assign(new Error(`${code}: the disk says no`), { code });
const message = (text: string) => ({ payload: new TextEncoder().encode(text) });

async function texts(log: Awaited<ReturnType<typeof createLocalLog>>): Promise<readonly string[]> {
  return (await log.read('topic', 1, 100)).map(({ payload }) => new TextDecoder().decode(payload));
}

describe('a log on a disk that fails', () => {
  it.each([
    ['ENOSPC', 'write'],
    ['EIO', 'write'],
    ['ENOSPC', 'datasync'],
    ['EIO', 'datasync'],
  ] as const)('refuses the append on %s of a %s, and keeps exactly what it acknowledged', async (code, method) => {
    const log = await createLocalLog({ directory });
    await log.append('topic', [message('one')]);
    vi.spyOn(await handles(), method).mockRejectedValueOnce(failure(code));
    await expect(log.append('topic', [message('a lost and much longer one')])).rejects.toMatchObject({
      code: 'SABOT_STREAM_LOG_FAILED',
      cause: { code },
    });
    expect(await log.append('topic', [message('two')])).toBe(2);
    expect(await texts(log)).toEqual(['one', 'two']);
    await log.close();
    const again = await createLocalLog({ directory });
    expect(await texts(again)).toEqual(['one', 'two']);
    expect(await again.append('topic', [message('three')])).toBe(3);
    await again.close();
  });
});
