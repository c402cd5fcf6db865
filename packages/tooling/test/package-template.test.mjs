import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkBudgets } from '../src/checks/budgets.mjs';
import { checkManifests } from '../src/checks/manifests.mjs';
import { createPackage } from '../src/package-template.mjs';
import { filesUnder } from '../src/workspace/fingerprint.mjs';

/** @type {string} */
let at;

/**
 * The text of a layers.json, laid out as ours.
 *
 * @param {Record<string, string | readonly string[]>} layers
 */
function layersOf(layers) {
  const entries = Object.entries(layers).map(
    ([name, mayImport]) => `    "${name}": {\n      "mayImport": ${JSON.stringify(mayImport)}\n    }`,
  );
  return `{\n  "packages": {\n${entries.join(',\n')}\n  },\n  "apps": {}\n}\n`;
}

beforeEach(() => {
  at = mkdtempSync(join(tmpdir(), 'sabot-template-'));
  mkdirSync(join(at, 'packages'));
  writeFileSync(join(at, 'package.json'), JSON.stringify({ engines: { node: '>=20.19' } }));
  writeFileSync(join(at, 'layers.json'), layersOf({ stream: [], cli: 'all' }));
});

afterEach(() => rmSync(at, { recursive: true }));

it('makes a package that keeps the budgets and the rules for manifests', () => {
  createPackage(at, 'flight-paths');
  expect(checkBudgets(at).problems).toEqual([]);
  expect(checkManifests(at).problems).toEqual([]);
});

it('leaves no placeholder behind', () => {
  createPackage(at, 'flight-paths');
  const left = filesUnder(join(at, 'packages')).filter((path) =>
    /__\w+__/.test(readFileSync(path, 'utf8').replaceAll('SABOT_', '')),
  );
  expect(left).toEqual([]);
});

it('puts the layer of the package below the packages that compose all others, in the layout of the file', () => {
  createPackage(at, 'flight-paths');
  expect(readFileSync(join(at, 'layers.json'), 'utf8')).toBe(
    layersOf({ stream: [], 'flight-paths': ['core-observability'], cli: 'all' }),
  );
});

it('puts the layer last when nothing composes all others', () => {
  writeFileSync(join(at, 'layers.json'), layersOf({ stream: [] }));
  createPackage(at, 'flight-paths');
  expect(readFileSync(join(at, 'layers.json'), 'utf8')).toBe(
    layersOf({ stream: [], 'flight-paths': ['core-observability'] }),
  );
});

it('refuses a name that exists or is not kebab-case', () => {
  createPackage(at, 'flight-paths');
  expect(() => createPackage(at, 'flight-paths')).toThrow('exists');
  expect(() => createPackage(at, 'FlightPaths')).toThrow('kebab-case');
});
