// The declarations of all packages, from one run of the compiler: package by package, each would check again what lies
// below it, and ten packages would take minutes instead of seconds.
import { join } from 'node:path';
import { placeDeclarations } from './src/declarations.mjs';
import { capture } from './src/workspace/process.mjs';
import { productPackages, readJson, root } from './src/workspace/workspace.mjs';

const config = 'tsconfig.build.json';
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const { exitCode, output } = await capture(process.execPath, [tsc, '-p', config]);

if (exitCode !== 0) {
  console.error(output);
  process.exitCode = 1;
} else {
  const emitted = join(root, readJson(join(root, config)).compilerOptions.outDir);
  const problems = productPackages().flatMap(({ folder, path }) =>
    placeDeclarations(join(emitted, folder, 'src'), path),
  );
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}
