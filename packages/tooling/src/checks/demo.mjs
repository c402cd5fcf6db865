import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from '../workspace/process.mjs';
import { root } from '../workspace/workspace.mjs';
import { outcomeOf, outcomeOfRun, sumOf } from './outcome.mjs';

/** What the demo says when it has seen all of its input. */
const SUMMARY = /3,000,000/;

/** The demo on the Node that runs this. */
export function checkDemo() {
  return runDemo(process.execPath, process.env);
}

/** The demo on Node 24, fetched as a package and kept in the cache folder. */
export async function checkDemoOnNode24() {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(root, 'node_modules/.cache/sabot-node-24');
  const bin = join(folder, 'node_modules', name, 'bin');
  if (!existsSync(join(bin, 'node'))) {
    mkdirSync(folder, { recursive: true });
    const run = await capture(
      'npm',
      ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', `${name}@24`],
      { cwd: folder },
    );
    if (run.exitCode !== 0) return outcomeOfRun(run, `npm install ${name}@24`);
  }
  return runDemo(join(bin, 'node'), { ...process.env, PATH: `${bin}:${process.env['PATH']}` });
}

/**
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 */
async function runDemo(node, env) {
  const run = await capture(node, ['--enable-source-maps', join(root, 'apps/demo/dist/main.js'), '--fresh'], {
    env,
    timeoutMs: 180_000,
  });
  return sumOf([
    outcomeOfRun(run, `the demo on ${node}`),
    outcomeOf(
      SUMMARY.test(run.stdout)
        ? []
        : [`the demo's summary does not say ${SUMMARY.source}:\n${run.output.slice(-2000)}`],
    ),
  ]);
}
