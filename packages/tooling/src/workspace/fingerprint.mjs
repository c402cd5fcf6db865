import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * What a set of files contains, as one string.
 *
 * @param {readonly string[]} paths absolute; a missing file counts as such
 * @param {readonly string[]} facts anything else that the answer depends on
 */
export function contentFingerprint(paths, facts = []) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(`\0${path}\0`).update(existsSync(path) ? readFileSync(path) : 'missing');
  for (const fact of facts) hash.update(`\0${fact}`);
  return hash.digest('hex');
}

/**
 * Like `contentFingerprint`, from sizes and times of change only: cheap enough for every start of the demo.
 *
 * @param {readonly string[]} paths files, or folders taken with all below them
 */
export function statFingerprint(paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesUnder)) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path}\0${size}\0${mtimeMs}\0`);
  }
  return hash.digest('hex');
}

/**
 * @param {string} path
 * @returns {string[]} files below, or the file itself, or nothing
 */
export function filesUnder(path) {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/**
 * @param {string} path of the stamp
 * @returns {any} what it holds, or undefined
 */
export function readStamp(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined; // never written, or torn: both mean «not fresh»
  }
}

/**
 * @param {string} path
 * @param {unknown} value
 */
export function writeStamp(path, value) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(value)}\n`);
}

/** @param {string} path */
export function removeStamp(path) {
  rmSync(path, { force: true });
}
