// `npm run new-package -- NAME`: a package from the template that every check takes as it is.

import { join } from 'node:path';
import { environmentWithPnpm } from './src/bootstrap/install.mjs';
import { createPackage } from './src/package-template.mjs';
import { capture } from './src/workspace/process.mjs';
import { root } from './src/workspace/workspace.mjs';

const name = process.argv[2];

if (name === undefined) {
  console.error('usage: npm run new-package -- NAME (kebab-case, without @sabot/)');
  process.exitCode = 2;
} else {
  process.exitCode = await newPackage(name);
}

/**
 * @param {string} packageName
 * @returns {Promise<number>} exit code
 */
async function newPackage(packageName) {
  try {
    createPackage(root, packageName);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
  console.log(`wrote packages/${packageName}; installing, formatting and documenting it …`);
  const env = await environmentWithPnpm();
  for (const [command, ...args] of [
    ['pnpm', 'install'],
    // The template's placeholders sort and wrap otherwise than the names that replace them.
    [join(root, 'node_modules/.bin/biome'), 'check', '--write', join('packages', packageName)],
    [process.execPath, join(root, 'packages/tooling/docs.mjs')],
  ]) {
    const { exitCode, output } = await capture(command ?? '', args, { env });
    if (exitCode === 0) continue;
    console.error(output);
    return exitCode;
  }
  console.log('Next: say in layers.json who it may import and in its README what it is, and put your concept in.');
  return 0;
}
