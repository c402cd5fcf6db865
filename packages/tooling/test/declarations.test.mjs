import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { placeDeclarations } from '../src/declarations.mjs';
import { filesUnder } from '../src/workspace/fingerprint.mjs';

/** @type {string} */
let at;

/** @param {Record<string, string>} files */
function write(files) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(at, name)), { recursive: true });
    writeFileSync(join(at, name), text);
  }
}

const place = () => placeDeclarations(join(at, 'emitted'), join(at, 'package'));

const placed = () =>
  Object.fromEntries(
    filesUnder(join(at, 'package/dist')).map((path) => [
      relative(join(at, 'package/dist'), path),
      readFileSync(path, 'utf8'),
    ]),
  );

beforeEach(() => {
  at = mkdtempSync(join(tmpdir(), 'sabot-declarations-'));
  onTestFinished(() => rmSync(at, { recursive: true }));
  write({
    'package/package.json': JSON.stringify({ exports: { '.': { '@sabot/source': './src/index.ts' } } }),
    'emitted/index.d.ts': 'export { type A } from \'./deep/a.js\';\nexport declare const b: import("./b.js").B;\n',
    'emitted/deep/a.d.ts':
      "import type { Batch } from '@sabot/columnar';\nimport { B } from '../b.js';\nexport type A = [Batch, B];\n",
    'emitted/b.d.ts': 'export type B = 1;\n',
    'emitted/inner.d.ts': 'export type Inner = 1;\n',
  });
});

it('places what the entries reach, for both module systems, and nothing else', () => {
  expect(place()).toEqual([]);
  expect(placed()).toEqual({
    'b.d.cts': 'export type B = 1;\n',
    'b.d.ts': 'export type B = 1;\n',
    'deep/a.d.cts':
      "import type { Batch } from '@sabot/columnar';\nimport { B } from '../b.cjs';\nexport type A = [Batch, B];\n",
    'deep/a.d.ts':
      "import type { Batch } from '@sabot/columnar';\nimport { B } from '../b.js';\nexport type A = [Batch, B];\n",
    'index.d.cts': 'export { type A } from \'./deep/a.cjs\';\nexport declare const b: import("./b.cjs").B;\n',
    'index.d.ts': 'export { type A } from \'./deep/a.js\';\nexport declare const b: import("./b.js").B;\n',
  });
});

it('takes away declarations of earlier builds and leaves the code', () => {
  write({ 'package/dist/old.d.ts': '', 'package/dist/old.d.cts': '', 'package/dist/index.js': 'code' });
  place();
  expect(Object.keys(placed())).not.toContain('old.d.ts');
  expect(Object.keys(placed())).not.toContain('old.d.cts');
  expect(placed()['index.js']).toBe('code');
});

it('says when a declaration leads out of its package', () => {
  write({ 'emitted/b.d.ts': "export { C as B } from '../other/c.js';\n", 'other/c.d.ts': 'export type C = 1;\n' });
  expect(place()).toEqual([expect.stringContaining('outside the package')]);
});
