// `npm run new-package -- NAME`: a package from the template, declared in layers.json and installed.

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
  console.log(`wrote packages/${packageName}; installing …`);
  const install = await capture('pnpm', ['install'], { env: await environmentWithPnpm() });
  if (install.exitCode !== 0) console.error(install.output);
  else
    console.log(
      `Next: say who it may import in layers.json, describe it in its README, then npm run docs and npm run verify.`,
    );
  return install.exitCode;
}
