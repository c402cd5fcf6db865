import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture } from '../workspace/process.mjs';
import { root } from '../workspace/workspace.mjs';
import { outcomeOf, outcomeOfRun, sumOf } from './outcome.mjs';

/** What the demo says when it has seen all of its input. */
const SUMMARY = '3,000,000 of them read in this run';
const PEAK_MEMORY_MB = 500;

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
    const args = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', `${name}@24`];
    const run = await capture('npm', args, { cwd: folder });
    if (run.exitCode !== 0) return outcomeOfRun(run, `npm install ${name}@24`);
  }
  return runDemo(join(bin, 'node'), { ...process.env, PATH: `${bin}:${process.env['PATH']}` });
}

/**
 * From the start, in a folder of its own; then the `sabot` command reads what the run left behind.
 *
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 */
async function runDemo(node, env) {
  const folder = mkdtempSync(join(tmpdir(), 'sabot-demo-'));
  try {
    const begunMs = performance.now();
    const run = await capture(
      node,
      [
        '--import',
        tellPeakMemory,
        join(root, 'apps/demo/dist/main.js'),
        '--directory',
        folder,
        '--prometheus-port',
        '0',
      ],
      { env, timeoutMs: 180_000 },
    );
    const seconds = (performance.now() - begunMs) / 1000;
    const peakMb = Number(/peak memory (\d+)/.exec(run.output)?.[1] ?? Number.NaN) / 1024;
    const note = `${seconds.toFixed(1)} s, peak memory ${peakMb.toFixed(0)} MB, on ${node}`;
    return sumOf([
      { ...outcomeOfRun(run, `the demo on ${node}`), notes: [note] },
      outcomeOf(
        run.stdout.includes(SUMMARY) ? [] : [`the summary does not say «${SUMMARY}»:\n${run.output.slice(-2000)}`],
      ),
      outcomeOf(peakMb <= PEAK_MEMORY_MB ? [] : [`peak memory is ${peakMb.toFixed(0)} MB; at most ${PEAK_MEMORY_MB}`]),
      ...(await readTelemetry(node, { ...env, SABOT_TELEMETRY_STORE: join(folder, 'telemetry') })),
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A module that says, in KiB, how much memory the process held at most. */
const tellPeakMemory = `data:text/javascript,process.once('exit',()=>console.error('peak memory',process.resourceUsage().maxRSS))`;

/**
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 */
async function readTelemetry(node, env) {
  const sabot = (/** @type {string[]} */ ...args) =>
    capture(node, [join(root, 'packages/cli/bin/sabot.js'), 'telemetry', ...args], { env });
  const traces = await sabot('traces', '--limit', '5');
  const metrics = await sabot('metrics', '--component', 'stream', '--format', 'json');
  return [
    outcomeOfRun(traces, 'sabot telemetry traces'),
    outcomeOf(
      traces.stdout.includes('process_batch') ? [] : [`sabot telemetry traces shows no batch:\n${traces.output}`],
    ),
    outcomeOfRun(metrics, 'sabot telemetry metrics'),
    outcomeOf(isJson(metrics.stdout) ? [] : [`sabot telemetry metrics --format json is no JSON:\n${metrics.output}`]),
  ];
}

/** @param {string} text */
function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
