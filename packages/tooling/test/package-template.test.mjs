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

beforeEach(() => {
  at = mkdtempSync(join(tmpdir(), 'sabot-template-'));
  mkdirSync(join(at, 'packages'));
  writeFileSync(join(at, 'package.json'), JSON.stringify({ engines: { node: '>=20.19' } }));
  writeFileSync(
    join(at, 'layers.json'),
    '{\n  "packages": {\n    "stream": { "mayImport": [] }\n  },\n  "apps": {}\n}\n',
  );
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

it('declares the layer of the package', () => {
  createPackage(at, 'flight-paths');
  const { packages } = JSON.parse(readFileSync(join(at, 'layers.json'), 'utf8'));
  expect(packages).toEqual({ 'flight-paths': { mayImport: ['core-observability'] }, stream: { mayImport: [] } });
});

it('refuses a name that exists or is not kebab-case', () => {
  createPackage(at, 'flight-paths');
  expect(() => createPackage(at, 'flight-paths')).toThrow('exists');
  expect(() => createPackage(at, 'FlightPaths')).toThrow('kebab-case');
});
