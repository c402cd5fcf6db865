import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { productPackages, root } from '../workspace/workspace.mjs';

const TABLE = /(<!-- packages -->\n)[\s\S]*?(<!-- \/packages -->)/;

/**
 * The table of packages in the README, from their manifests.
 *
 * @type {import('./documents.mjs').Generator}
 */
export const packageTable = {
  name: 'package table',
  generate() {
    const rows = productPackages().map(
      ({ name, folder, manifest }) => `| [\`${name}\`](${folder}) | ${manifest.description} |`,
    );
    const table = ['| package | what it is |', '|---|---|', ...rows, ''].join('\n');
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    return { 'README.md': readme.replace(TABLE, (_, open, close) => `${open}\n${table}\n${close}`) };
  },
};
