// The JavaScript of the named packages (all when none is named), built in one process: ten runs of the tsup command
// through a task runner take ten seconds, this takes one.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'tsup';
import { packageBuild } from './src/package-build.mjs';
import { workspacePackages } from './src/workspace/workspace.mjs';

const names = process.argv.slice(2);

for (const { name, folder, path } of workspacePackages()) {
  if (!existsSync(join(path, 'tsup.config.ts'))) continue;
  if (names.length > 0 && !names.includes(name)) continue;
  process.chdir(path);
  try {
    await build({ config: false, ...packageBuild() });
  } catch (error) {
    console.error(`\n${folder}: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }
}
