import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfStale } from '../bootstrap/build.mjs';
import { root } from '../workspace/workspace.mjs';

/**
 * `docs/reference/cli.md`: the commands and options of `sabot`, as the program itself declares them.
 *
 * @type {import('./documents.mjs').Generator}
 */
export const cliReference = {
  name: 'cli',
  async generate() {
    await buildIfStale(['@sabot/cli']);
    const { renderCliReference } = await import(pathToFileURL(join(root, 'packages/cli/dist/index.js')).href);
    return { 'docs/reference/cli.md': renderCliReference() };
  },
};
