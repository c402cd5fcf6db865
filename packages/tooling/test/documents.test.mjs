import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { quickStartsIn } from '../src/checks/quick-start.mjs';
import { staleDocuments, writeDocuments } from '../src/docs/documents.mjs';
import { renderErrors } from '../src/docs/errors-reference.mjs';
import { renderTelemetry } from '../src/docs/telemetry-reference.mjs';

it('names the documents that are missing or changed, writes those, and is content then', async () => {
  const at = mkdtempSync(join(tmpdir(), 'sabot-documents-'));
  onTestFinished(() => rmSync(at, { recursive: true }));
  const generator = {
    name: 'three',
    generate: () => ({ 'docs/new.md': 'new\n', 'old.md': 'now\n', 'same.md': 'same\n' }),
  };
  writeFileSync(join(at, 'old.md'), 'then\n');
  writeFileSync(join(at, 'same.md'), 'same\n');
  expect(await staleDocuments(generator, at)).toEqual(['docs/new.md', 'old.md']);
  expect(await writeDocuments(generator, at)).toEqual(['docs/new.md', 'old.md']);
  expect(await staleDocuments(generator, at)).toEqual([]);
  expect(readFileSync(join(at, 'docs/new.md'), 'utf8')).toBe('new\n');
});

it('renders each error code with its kind, when it is raised and what to do', () => {
  const catalogue = {
    component: 'state',
    declarations: { KEY_SIZE: { kind: 'usage', summary: 'A key is empty | too long.', remedy: 'Use a shorter one.' } },
    code: (/** @type {string} */ name) => `SABOT_STATE_${name}`,
  };
  expect(renderErrors([catalogue]).split('\n').slice(-6)).toEqual([
    '## state',
    '',
    '| code | kind | when | what to do |',
    '|---|---|---|---|',
    '| `SABOT_STATE_KEY_SIZE` | usage | A key is empty \\| too long. | Use a shorter one. |',
    '',
  ]);
});

it('renders metrics, spans and attributes of each scope, and leaves out what there is none of', () => {
  const catalogue = {
    scope: '@sabot/joins',
    attributes: { 'join.type': { type: 'string', brief: 'Which join.', values: ['inner', 'left'] } },
    metrics: {
      operations: {
        name: 'sabot.join.operations',
        kind: 'counter',
        unit: '{operation}',
        brief: 'Batches.',
        attributes: ['join.type'],
      },
    },
    spans: {},
  };
  const rendered = renderTelemetry(
    [catalogue],
    (name, kind) => `${name.replaceAll('.', '_')}${kind === 'counter' ? '_total' : ''}`,
  );
  expect(rendered.slice(rendered.indexOf('## ')).split('\n')).toEqual([
    '## @sabot/joins',
    '',
    '### Metrics',
    '',
    '| name | in Prometheus | kind | unit | what it says | attributes |',
    '|---|---|---|---|---|---|',
    '| `sabot.join.operations` | `sabot_join_operations_total` | counter | `{operation}` | Batches. | `join.type` |',
    '',
    '### Attributes',
    '',
    '| name | type | what it says | values |',
    '|---|---|---|---|',
    '| `join.type` | string | Which join. | `inner`, `left` |',
    '',
  ]);
});

describe('quick starts', () => {
  it('are the blocks that say so', () => {
    const readme =
      '```ts quick start\nconst a = 1;\n```\ntext\n```ts\nconst b = 2;\n```\n```ts quick start (CommonJS)\nconst c = 3;\n```\n';
    expect(quickStartsIn(readme)).toEqual(['const a = 1;\n', 'const c = 3;\n']);
  });

  it('are none in a README without such a block', () => {
    expect(quickStartsIn('# title\n\n```sh\nnpm install\n```\n')).toEqual([]);
  });
});
