import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'tsup';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
let root = '';
let program = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sabot-ends-'));
  await build({
    entry: { 'ending-process': fileURLToPath(new URL('ending-process.ts', import.meta.url)) },
    outDir: root,
    config: false,
    format: 'esm',
    target: 'node20.19',
    outExtension: () => ({ js: '.mjs' }),
    noExternal: [/./],
    silent: true,
    esbuildOptions(options) {
      options.conditions = ['@sabot/source'];
    },
  });
  program = join(root, 'ending-process.mjs');
}, 60_000);
afterAll(() => rm(root, { recursive: true, force: true }));

const endings = [
  ['that finishes', 'finishes'],
  ['that is cancelled', 'is-cancelled'],
  ['that is cancelled before it runs', 'is-aborted'],
  ['that is drained', 'is-drained'],
  ['whose source fails', 'source-fails'],
  ['whose function throws', 'function-throws'],
  ['whose sink rejects', 'sink-rejects'],
  ['cancelled while its sink hangs', 'sink-hangs'],
  ['cancelled while its source hangs', 'source-hangs'],
  ['cancelled while a call hangs', 'call-hangs'],
  ['cancelled between two tries of its source', 'source-retries'],
  ['whose loop is left', 'loop-left'],
  ['that nobody has asked how it ended', 'unasked'],
] as const;

describe('a process with a job', () => {
  it.each(endings)(
    '%s ends by itself, with nothing rejected unheard',
    async (_what, ending) => {
      const { stdout, stderr } = await run(process.execPath, ['--unhandled-rejections=strict', program, ending], {
        timeout: 20_000,
      });
      expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: ending, stderr: '' });
    },
    30_000,
  );
});
