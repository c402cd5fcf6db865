import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'tsup';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const guide = fileURLToPath(new URL('../../../../docs/guides/streams.md', import.meta.url));
const source = fileURLToPath(new URL('../../src/', import.meta.url));
let folder: string;

beforeAll(async () => {
  // Below this package, so that the packages it depends on are found.
  folder = await mkdtemp(fileURLToPath(new URL('../../node_modules/.streams-guide-', import.meta.url)));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The blocks of a language, in order. */
function blocks(markdown: string, language: string): readonly string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, text]) => text ?? '',
  );
}

describe('the guide to streams', () => {
  it('is a program that prints what it says', async () => {
    const markdown = await readFile(guide, 'utf8');
    const program = blocks(markdown, 'ts')
      .join('\n')
      .replaceAll("'@sabot/stream'", JSON.stringify(join(source, 'index.ts')))
      .replaceAll("'@sabot/stream/connectors'", JSON.stringify(join(source, 'connectors.ts')));
    await writeFile(join(folder, 'guide.ts'), program);
    await build({
      entry: { guide: join(folder, 'guide.ts') },
      outDir: folder,
      config: false,
      format: 'esm',
      target: 'node20.19',
      outExtension: () => ({ js: '.mjs' }),
      noExternal: [/./],
      silent: true,
      esbuildOptions(options) {
        options.conditions = ['@sabot/source'];
      },
    });
    const { stdout, stderr } = await run(process.execPath, [join(folder, 'guide.mjs')], { timeout: 30_000 });
    expect({ stdout, stderr }).toEqual({ stdout: blocks(markdown, 'text').join(''), stderr: '' });
  }, 60_000);
});
