import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesUnder } from './workspace/fingerprint.mjs';
import { productPackages, readJson } from './workspace/workspace.mjs';

const template = fileURLToPath(new URL('../template', import.meta.url));
const KEBAB_CASE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/**
 * Writes `packages/NAME` from the template and gives it a layer that may import the error model and telemetry only.
 *
 * @param {string} at the workspace's root
 * @param {string} name
 */
export function createPackage(at, name) {
  const folder = join(at, 'packages', name);
  if (!KEBAB_CASE.test(name)) throw new RangeError(`«${name}» is not kebab-case`);
  if (existsSync(folder)) throw new RangeError(`packages/${name} exists`);
  const fill = fillerFor(name, productPackages(at)[0]?.manifest.version ?? '0.0.0');
  for (const path of filesUnder(template)) {
    const target = join(folder, relative(template, path));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, fill(readFileSync(path, 'utf8')));
  }
  declareLayer(join(at, 'layers.json'), name);
}

/**
 * @param {string} name
 * @param {string} version
 * @returns {(text: string) => string}
 */
function fillerFor(name, version) {
  const camel = name.replaceAll(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());
  /** @type {Record<string, string>} */
  const values = {
    __name__: name,
    __camel__: camel,
    __Name__: camel.charAt(0).toUpperCase() + camel.slice(1),
    __NAME__: name.toUpperCase().replaceAll('-', '_'),
    __version__: version,
  };
  return (text) => text.replaceAll(/__(name|camel|Name|NAME|version)__/g, (key) => values[key] ?? key);
}

/**
 * The file goes from the lowest layer up, and its layout is a person's: the entry is put in as text, below the packages
 * that compose all others.
 *
 * @param {string} path of layers.json
 * @param {string} name
 */
function declareLayer(path, name) {
  const { packages } = readJson(path);
  if (packages[name] !== undefined) return;
  const text = readFileSync(path, 'utf8');
  const entry = `    "${name}": {\n      "mayImport": ["core-observability"]\n    }`;
  const composer = Object.keys(packages).find((one) => packages[one].mayImport === 'all');
  const endOfPackages = /\n {2}\}/;
  writeFileSync(
    path,
    composer === undefined
      ? text.replace(endOfPackages, (end) => `,\n${entry}${end}`)
      : text.replace(`    "${composer}": {`, (next) => `${entry},\n${next}`),
  );
}
