import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { checkManifests } from '../src/checks/manifests.mjs';

const sound = {
  name: '@sabot/stream',
  version: '1.0.0',
  license: 'Apache-2.0',
  type: 'module',
  sideEffects: false,
  engines: { node: '>=20.19' },
  exports: { '.': { '@sabot/source': './src/index.ts', import: './dist/index.js' } },
  publishConfig: { access: 'public', exports: { '.': { import: './dist/index.js' } } },
  dependencies: { commander: 'catalog:', '@sabot/state': 'workspace:*' },
};

/** What the check says of packages with these manifests. @param {readonly Record<string, unknown>[]} manifests */
function problemsOf(...manifests) {
  const at = mkdtempSync(join(tmpdir(), 'sabot-manifests-'));
  onTestFinished(() => rmSync(at, { recursive: true }));
  writeFileSync(join(at, 'package.json'), JSON.stringify({ engines: { node: '>=20.19' } }));
  for (const [index, manifest] of manifests.entries()) {
    const folder = join(at, 'packages', index === 0 ? 'stream' : `stream-${index}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(folder, 'README.md'), '# x\n');
  }
  return checkManifests(at).problems;
}

it('takes a sound manifest, and leaves private packages alone', () => {
  expect(problemsOf(sound, { name: 'x', private: true })).toEqual([]);
});

it('refuses exports that publishConfig does not repeat', () => {
  const exports = {
    ...sound.exports,
    './testing': { '@sabot/source': './src/testing.ts', import: './dist/testing.js' },
  };
  expect(problemsOf({ ...sound, exports })).toEqual([
    'packages/stream/package.json: publishConfig.exports must be exports without @sabot/source',
  ]);
});

it('refuses a version outside the catalog', () => {
  expect(problemsOf({ ...sound, dependencies: { commander: '^14.0.0' } })).toEqual([
    'packages/stream/package.json: versions stand in the catalog of pnpm-workspace.yaml; dependencies say catalog: or workspace:*',
  ]);
});

it('refuses two versions, another licence and another name than the folder', () => {
  expect(problemsOf(sound, { ...sound, version: '1.0.1', license: 'MIT' })).toEqual([
    'one version for all packages, not 1.0.0, 1.0.1',
    'packages/stream-1/package.json: the name is the folder’s, with @sabot/ before it',
    'packages/stream-1/package.json: license must be Apache-2.0',
  ]);
});
