import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { capture } from '../src/workspace/process.mjs';
import { root } from '../src/workspace/workspace.mjs';

const bootstrap = 'packages/tooling/bootstrap.mjs';

it('says in one sentence that Node is too old', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sabot-bootstrap-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'packages/tooling'), { recursive: true });
  cpSync(join(root, bootstrap), join(folder, bootstrap));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ engines: { node: '>=99.1' } }));
  expect(await capture(process.execPath, [join(folder, bootstrap), 'demo'])).toEqual({
    exitCode: 1,
    stdout: '',
    output: `Sabot needs Node.js 99.1 or later; this is ${process.versions.node}. Install a newer one from https://nodejs.org and try again.\n`,
  });
});

it('names its commands when it is given none or another', async () => {
  for (const args of [[], ['start']])
    expect(await capture(process.execPath, [join(root, bootstrap), ...args])).toMatchObject({
      exitCode: 2,
      output: expect.stringContaining('demo | test | build | verify | docs | new-package'),
    });
});
