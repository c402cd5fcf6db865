import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { entriesOf } from './package-build.mjs';
import { filesUnder } from './workspace/fingerprint.mjs';

/** A relative import in a declaration: `from './batch.js'` or `import("./batch.js")`. */
const RELATIVE_IMPORT = /((?:from|import)\s*\(?\s*['"])(\.{1,2}\/[^'"]+)\.js(['"])/g;

/**
 * Gives a package its declarations: those that its entries reach, once for ES modules and once for CommonJS, where an
 * import names the `.cjs` beside it.
 *
 * @param {string} emitted the folder where the compiler put the declarations of the package's `src`
 * @param {string} path of the package
 * @returns {string[]} what is wrong: imports that lead out of the package
 */
export function placeDeclarations(emitted, path) {
  const dist = join(path, 'dist');
  for (const file of filesUnder(dist)) if (/\.d\.c?ts$/.test(file)) rmSync(file);
  const entries = Object.keys(entriesOf(path)).filter((name) => name !== 'main');
  /** @type {string[]} */
  const problems = [];
  for (const [file, text] of reached(
    emitted,
    entries.map((name) => join(emitted, `${name}.d.ts`)),
  )) {
    const name = relative(emitted, file);
    if (name.startsWith('..')) problems.push(`${path}: a declaration leads to ${file}, outside the package`);
    const target = join(dist, name);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    writeFileSync(
      target.replace(/\.d\.ts$/, '.d.cts'),
      text.replaceAll(RELATIVE_IMPORT, (_, open, specifier, close) => `${open}${specifier}.cjs${close}`),
    );
  }
  return problems;
}

/**
 * @param {string} emitted
 * @param {readonly string[]} entries
 * @returns {Map<string, string>} file → text, for the entries and all that they import from one another
 */
function reached(emitted, entries) {
  /** @type {Map<string, string>} */
  const texts = new Map();
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (texts.has(file)) continue;
    const text = readFileSync(file, 'utf8');
    texts.set(file, text);
    if (relative(emitted, file).startsWith('..')) continue;
    for (const [, , specifier] of text.matchAll(RELATIVE_IMPORT))
      waiting.push(join(dirname(file), `${specifier}.d.ts`));
  }
  return texts;
}
