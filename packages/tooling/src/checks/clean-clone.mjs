import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture } from '../workspace/process.mjs';
import { root } from '../workspace/workspace.mjs';
import { outcomeOfRun, sumOf } from './outcome.mjs';

/** The README's two commands in a fresh clone of the last commit, with an empty home. */
export async function checkCleanClone() {
  const folder = mkdtempSync(join(tmpdir(), 'sabot-clone-'));
  try {
    const home = join(folder, 'home');
    const clone = join(folder, 'sabot');
    mkdirSync(home);
    const cloned = await capture('git', ['clone', '--quiet', root, clone]);
    if (cloned.exitCode !== 0) return outcomeOfRun(cloned, 'git clone');
    const options = {
      cwd: clone,
      env: { ...process.env, HOME: home, npm_config_cache: join(home, '.npm'), XDG_DATA_HOME: join(home, 'share') },
    };
    return sumOf([
      outcomeOfRun(await capture('npm', ['run', 'demo'], options), 'npm run demo'),
      outcomeOfRun(await capture('npm', ['test'], options), 'npm test'),
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
