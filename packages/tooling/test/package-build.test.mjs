import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'tsup';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packageBuild } from '../src/package-build.mjs';

let folder = '';
const before = process.cwd();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sabot-build-'));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

it('builds a package whose sources import a development dependency that is not installed', async () => {
  mkdirSync('src');
  writeFileSync(
    'package.json',
    JSON.stringify({
      name: 'probe',
      type: 'module',
      exports: { '.': { '@sabot/source': './src/index.ts' } },
      devDependencies: { 'a-competitor': '1.0.0' },
    }),
  );
  writeFileSync('src/index.ts', "export const compare = async () => (await import('a-competitor')).default;\n");
  await build({ ...packageBuild(), config: false });
  for (const file of ['index.js', 'index.cjs']) {
    expect(readFileSync(join('dist', file), 'utf8')).toMatch(
      /(import|require)\((\n\s*\/\/.*\n\s*)?["']a-competitor["']\)/,
    );
  }
});
