import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/**
 * A workspace in a temporary folder: its packages, and files by path. It is gone when the test ends.
 *
 * @param {Record<string, string>} files
 * @param {Record<string, unknown>} [layers] of packages, as in layers.json
 */
export function workspaceOf(files, layers = {}) {
  const at = mkdtempSync(join(tmpdir(), 'sabot-workspace-'));
  onTestFinished(() => rmSync(at, { recursive: true }));
  const names = new Set(Object.keys(files).map((path) => path.split('/')[1] ?? ''));
  for (const name of names) {
    write(
      at,
      `packages/${name}/package.json`,
      JSON.stringify({
        name: `@sabot/${name}`,
        exports: { '.': './src/index.ts', './errors': './src/errors/index.ts' },
      }),
    );
    mkdirSync(join(at, 'node_modules/@sabot'), { recursive: true });
    symlinkSync(join(at, 'packages', name), join(at, 'node_modules/@sabot', name));
  }
  for (const [path, text] of Object.entries(files)) write(at, path, text);
  write(at, 'layers.json', JSON.stringify({ packages: layers, apps: {} }));
  return at;
}

/**
 * @param {string} at
 * @param {string} path
 * @param {string} text
 */
function write(at, path, text) {
  mkdirSync(dirname(join(at, path)), { recursive: true });
  writeFileSync(join(at, path), text);
}
