import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../workspace/workspace.mjs';

/**
 * @typedef {{ name: string, generate: () => Promise<Readonly<Record<string, string>>> | Readonly<Record<string, string>> }} Generator
 *   `generate` gives the text of each file that it owns, by path from the root
 */

/**
 * @param {Generator} generator
 * @param {string} [at] the workspace's root
 * @returns {Promise<string[]>} the files that are not what the generator makes
 */
export async function staleDocuments({ generate }, at = root) {
  return staleIn(await generate(), at);
}

/**
 * @param {Readonly<Record<string, string>>} texts
 * @param {string} at
 */
function staleIn(texts, at) {
  return Object.entries(texts)
    .filter(([path, text]) => !existsSync(join(at, path)) || readFileSync(join(at, path), 'utf8') !== text)
    .map(([path]) => path);
}

/**
 * @param {Generator} generator
 * @param {string} [at] the workspace's root
 * @returns {Promise<string[]>} the files that were written
 */
export async function writeDocuments({ generate }, at = root) {
  const texts = await generate();
  const stale = staleIn(texts, at);
  for (const path of stale) {
    mkdirSync(dirname(join(at, path)), { recursive: true });
    writeFileSync(join(at, path), texts[path] ?? '');
  }
  return stale;
}
