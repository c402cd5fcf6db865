import { expect, it } from 'vitest';
import { checkLayers } from '../src/checks/layers.mjs';
import { workspaceOf } from './workspace-fixture.mjs';

const layers = {
  'core-observability': { mayImport: [] },
  columnar: { mayImport: ['core-observability/errors'] },
  joins: { mayImport: ['columnar', 'core-observability'] },
  agents: { mayImport: ['columnar', 'core-observability'] },
};

/** Sources of a workspace in which nothing is wrong. */
const sound = {
  'packages/core-observability/src/index.ts': 'export const span = 1;\n',
  'packages/core-observability/src/errors/index.ts': 'export const failure = 1;\n',
  'packages/columnar/src/index.ts': "export { batch } from './batch.js';\n",
  'packages/columnar/src/batch.ts':
    "import { failure } from '@sabot/core-observability/errors';\nexport const batch = failure;\n",
  'packages/joins/src/index.ts': "export { batch } from '@sabot/columnar';\n",
  'packages/joins/src/telemetry.ts': "export { span } from '@sabot/core-observability';\n",
  'packages/agents/src/index.ts': 'export const agent = 1;\n',
};

/** What the check says when these files are added or changed. @param {Record<string, string>} changed */
async function problemsWith(changed) {
  return (await checkLayers(workspaceOf({ ...sound, ...changed }, layers))).problems;
}

it('takes a workspace that keeps its layers', async () => {
  expect(await problemsWith({})).toEqual([]);
});

it('refuses an import of a sibling', async () => {
  expect(await problemsWith({ 'packages/joins/src/a.ts': "import '@sabot/agents';\n" })).toEqual([
    'packages/joins imports only what layers.json allows: packages/joins/src/a.ts → packages/agents/src/index.ts',
  ]);
});

it('refuses an import of a sibling that is not even among the dependencies', async () => {
  expect(await problemsWith({ 'packages/joins/src/a.ts': "import '@sabot/kafka';\n" })).toContain(
    'packages/joins imports only what layers.json allows: packages/joins/src/a.ts → @sabot/kafka',
  );
});

it('refuses a type-only import of a sibling', async () => {
  expect(
    await problemsWith({
      'packages/joins/src/a.ts': "import type { agent } from '@sabot/agents';\nexport type A = typeof agent;\n",
    }),
  ).toHaveLength(1);
});

it('refuses more than the part of a package that is allowed', async () => {
  expect(
    await problemsWith({ 'packages/columnar/src/telemetry.ts': "export { span } from '@sabot/core-observability';\n" }),
  ).toEqual([
    'packages/columnar imports only what layers.json allows: packages/columnar/src/telemetry.ts → packages/core-observability/src/index.ts',
  ]);
});

it('refuses a circle made of types only', async () => {
  const problems = await problemsWith({
    'packages/columnar/src/a.ts': "import type { B } from './b.js';\nexport interface A { b: B }\n",
    'packages/columnar/src/b.ts': "import type { A } from './a.js';\nexport interface B { a: A }\n",
  });
  expect(problems).toEqual([
    'no-circles: packages/columnar/src/a.ts → packages/columnar/src/b.ts → packages/columnar/src/a.ts',
  ]);
});

it('refuses telemetry outside telemetry.ts', async () => {
  expect(
    await problemsWith({
      'packages/joins/src/a.ts': "import { span } from '@sabot/core-observability';\nexport const a = span;\n",
    }),
  ).toEqual([
    'packages/joins speaks telemetry in telemetry.ts only: packages/joins/src/a.ts → packages/core-observability/src/index.ts',
  ]);
});

it('refuses OpenTelemetry outside core-observability', async () => {
  expect(await problemsWith({ 'packages/joins/src/a.ts': "import '@opentelemetry/api';\n" })).toEqual([
    'one-package-knows-opentelemetry: packages/joins/src/a.ts → @opentelemetry/api',
  ]);
});

it('refuses a source that imports its own barrel', async () => {
  expect(
    await problemsWith({
      'packages/columnar/src/a.ts': "import { batch } from './index.js';\nexport const a = batch;\n",
    }),
  ).toEqual(['no-own-barrel: packages/columnar/src/a.ts → packages/columnar/src/index.ts']);
});

it('refuses an import that leads nowhere, and a package without a layer', async () => {
  expect(await problemsWith({ 'packages/joins/src/a.ts': "import './nowhere.js';\n" })).toEqual([
    'resolvable: packages/joins/src/a.ts → ./nowhere.js',
  ]);
  expect(await problemsWith({ 'packages/kafka/src/index.ts': 'export {};\n' })).toEqual([
    'packages/kafka is not in layers.json',
  ]);
});
