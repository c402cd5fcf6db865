import { join } from 'node:path';
import { contentFingerprint, readStamp, removeStamp, writeStamp } from '../workspace/fingerprint.mjs';
import { capture, StepFailure, tailOf } from '../workspace/process.mjs';
import { readJson, root, workspacePackages } from '../workspace/workspace.mjs';
import { withLock } from './lock.mjs';

/** @typedef {'demo' | 'full'} Level `demo` leaves out what only tests and checks need */

const stampPath = join(root, 'node_modules/.sabot-install.json');

/** @type {Record<Level, readonly string[]>} */
const argsOf = {
  demo: ['install', '--frozen-lockfile', '--prod', '--filter', 'sabot-workspace', '--filter', '@sabot/demo...'],
  full: ['install', '--frozen-lockfile'],
};

/**
 * Installs what the level needs, unless that was done already for this lockfile, these manifests and this Node.
 *
 * @param {Level} level
 */
export async function installIfStale(level) {
  if (isInstalled(level)) return;
  await withLock(async () => {
    if (isInstalled(level)) return; // another process may have done it while this one waited
    // After a `git pull`, the demo takes nothing away from somebody who has everything.
    await install(readStamp(stampPath)?.level === 'full' ? 'full' : level);
  });
}

/** @param {Level} level */
function isInstalled(level) {
  const stamp = readStamp(stampPath);
  return stamp?.fingerprint === installFingerprint() && (stamp.level === level || stamp.level === 'full');
}

/** @param {Level} level */
async function install(level) {
  console.log(`installing dependencies (${level === 'demo' ? 'of the demo' : 'all'}) …`);
  const env = await environmentWithPnpm();
  removeStamp(stampPath);
  const { exitCode, output } = await capture('pnpm', argsOf[level], { env: { ...env, CI: 'true' } });
  if (exitCode !== 0)
    throw new StepFailure('the dependencies could not be installed', {
      output: tailOf(output),
      remedy: output.includes('ERR_PNPM_OUTDATED_LOCKFILE')
        ? `A package.json changed without the lockfile: run \`npx ${pinOf()} install\` and commit pnpm-lock.yaml.`
        : 'Look at the network and the registry that npm is configured for, then run the same command again.',
    });
  writeStamp(stampPath, { level, fingerprint: installFingerprint() });
}

/** @type {Promise<NodeJS.ProcessEnv> | undefined} */
let withPnpm;

/**
 * An environment whose PATH has the pinned pnpm; npm fetches it when it is not there. turbo needs it too.
 *
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export function environmentWithPnpm() {
  withPnpm ??= fetchPnpm();
  return withPnpm;
}

async function fetchPnpm() {
  const pin = pinOf();
  const base = {
    // npm's own waits between attempts are 10 and 60 seconds: too long a silence for somebody who is offline.
    npm_config_fetch_retry_mintimeout: '1000',
    npm_config_fetch_retry_maxtimeout: '5000',
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    ...process.env,
  };
  if (process.env['npm_config_user_agent']?.startsWith(`${pin.replace('@', '/')} `)) return base;
  const args = ['--yes', '--prefer-offline', '--package', pin, '--', 'node', '-p', 'process.env.PATH'];
  const { exitCode, output, stdout } = await capture('npx', args, { env: base });
  if (exitCode !== 0)
    throw new StepFailure(`${pin} could not be fetched`, {
      output: tailOf(output),
      remedy:
        'npm must be able to reach its registry. Look at the network and at `npm config get registry`, then run the same command again.',
    });
  return { ...base, PATH: stdout.trim().split('\n').at(-1) };
}

/** @returns {string} `pnpm@x.y.z` */
function pinOf() {
  return readJson(join(root, 'package.json')).packageManager;
}

function installFingerprint() {
  const manifests = workspacePackages().map(({ path }) => join(path, 'package.json'));
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'].map((name) => join(root, name));
  return contentFingerprint([...files, ...manifests], [process.versions.modules, process.platform, process.arch]);
}
