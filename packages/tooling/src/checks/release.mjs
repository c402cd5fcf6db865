import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentWithPnpm } from '../bootstrap/install.mjs';
import { capture } from '../workspace/process.mjs';
import { productPackages, root } from '../workspace/workspace.mjs';
import { outcomeOf, outcomeOfRun, sumOf } from './outcome.mjs';

/** In a copy of the tree: the changesets make one next version for all, and a dry run publishes every package. */
export async function checkRelease() {
  const copy = mkdtempSync(join(tmpdir(), 'sabot-release-'));
  try {
    await copyTree(copy);
    const env = await environmentWithPnpm();
    const version = await capture('pnpm', ['exec', 'changeset', 'version'], { cwd: copy, env: { ...env, CI: 'true' } });
    const versions = new Set(productPackages(copy).map(({ manifest }) => manifest.version));
    const published = await capture('pnpm', ['--recursive', 'publish', '--dry-run', '--no-git-checks', '--force'], {
      cwd: copy,
      env,
    });
    return sumOf([
      outcomeOfRun(version, 'changeset version'),
      outcomeOf(versions.size === 1 ? [] : [`changeset version made different versions: ${[...versions].join(', ')}`]),
      outcomeOfRun(published, 'publish dry run'),
    ]);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** The tracked files, what was built, and an installation from pnpm's store. @param {string} copy */
async function copyTree(copy) {
  const { stdout } = await capture('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z']);
  for (const file of stdout.split('\0').filter((name) => name !== '')) cpSync(join(root, file), join(copy, file));
  for (const { folder, path } of productPackages())
    cpSync(join(path, 'dist'), join(copy, folder, 'dist'), { recursive: true });
  const git = (/** @type {string[]} */ ...args) =>
    capture('git', ['-c', 'user.name=verify', '-c', 'user.email=verify@localhost', ...args], { cwd: copy });
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git('commit', '--quiet', '--message=copy');
  await capture('pnpm', ['install', '--frozen-lockfile', '--prefer-offline'], {
    cwd: copy,
    env: { ...(await environmentWithPnpm()), CI: 'true' },
  });
}
