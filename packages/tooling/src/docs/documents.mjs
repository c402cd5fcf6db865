import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../workspace/workspace.mjs';

/**
 * @typedef {{ name: string, generate: () => Promise<Readonly<Record<string, string>>> | Readonly<Record<string, string>> }} Generator
 *   `generate` gives the text of each file that it owns, by path from the root
 */

/**
 * @param {Generator} generator
 * @returns {Promise<string[]>} the files that are not what the generator makes
 */
export async function staleDocuments({ generate }) {
  const texts = await generate();
  return Object.entries(texts)
    .filter(([path, text]) => !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== text)
    .map(([path]) => path);
}

/**
 * @param {Generator} generator
 * @returns {Promise<string[]>} the files that were written
 */
export async function writeDocuments(generator) {
  const stale = await staleDocuments(generator);
  const texts = await generator.generate();
  for (const path of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), texts[path] ?? '');
  }
  return stale;
}
