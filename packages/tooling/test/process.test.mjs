import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { capture } from '../src/workspace/process.mjs';
import { root } from '../src/workspace/workspace.mjs';

const processModule = join(root, 'packages/tooling/src/workspace/process.mjs');

/** Says that it runs; at a signal it drains for a moment, counts what it got meanwhile, and ends with 7. */
const drainingProgram = `
let signals = 0;
const idle = setInterval(() => undefined, 1000);
for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => {
  signals += 1;
  if (signals > 1) return;
  setTimeout(() => { console.log('drained after ' + signals + ' ' + name); clearInterval(idle); process.exitCode = 7; }, 300);
});
console.log('running ' + process.pid);
`;

/**
 * A program that runs the draining one as the bootstrap does, and ends with its exit code.
 *
 * @param {'runInForeground' | 'capture'} how
 */
function launcherOf(how) {
  const folder = mkdtempSync(join(tmpdir(), 'sabot process '));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'draining.mjs'), drainingProgram);
  const launcher = join(folder, 'launcher.mjs');
  writeFileSync(
    launcher,
    `import { ${how} as run } from ${JSON.stringify(processModule)};
     console.log('launched');
     try { process.exitCode = await run(process.execPath, [${JSON.stringify(join(folder, 'draining.mjs'))}]); }
     catch (error) { console.log(error.message); process.exitCode = error.exitCode; }`,
  );
  return launcher;
}

/**
 * Starts a program and does something to it when it has said what is waited for.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RegExp} sign
 * @param {(child: import('node:child_process').ChildProcessWithoutNullStreams) => void} act
 * @returns {Promise<{ exitCode: number | null, output: string }>}
 */
function runUntil(command, args, sign, act) {
  return new Promise((resolve) => {
    // `script` starts the person's shell: here it is the same one everywhere.
    const child = spawn(command, args, { stdio: 'pipe', env: { ...process.env, SHELL: '/bin/sh' } });
    let output = '';
    let acted = false;
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      if (acted || !sign.test(output)) return;
      acted = true;
      act(child);
    });
    child.on('close', (exitCode) => resolve({ exitCode, output }));
  });
}

/** @param {string} output of the draining program */
function isGone(output) {
  const pid = Number(/running (\d+)/.exec(output)?.[1]);
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

// Each case starts a launcher and its program.
vi.setConfig({ testTimeout: 30_000 });

describe('a program in the foreground', () => {
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT']))
    it(`gets ${signal} once, drains, and its exit code comes back`, async () => {
      const launcher = launcherOf('runInForeground');
      const { exitCode, output } = await runUntil(process.execPath, [launcher], /running/, (child) => {
        child.kill(signal);
        setTimeout(() => child.kill(signal), 50);
      });
      expect(output).toContain(`drained after 1 ${signal}`);
      expect(exitCode).toBe(7);
      expect(isGone(output)).toBe(true);
    });

  it.runIf(process.platform === 'linux')(
    'gets Ctrl-C of a terminal once, drains, and its exit code comes back',
    async () => {
      // `exec` as in the package's scripts: a shell between the terminal and the program answers with 130 of its own.
      const command = `exec "${process.execPath}" "${launcherOf('runInForeground')}"`;
      const args = ['--quiet', '--return', '--command', command, '/dev/null'];
      const { exitCode, output } = await runUntil('script', args, /running/, (child) => child.stdin.write('\x03'));
      expect(output).toContain('drained after 1 SIGINT');
      expect(exitCode).toBe(7);
      expect(isGone(output)).toBe(true);
    },
  );
});

describe('a captured program', () => {
  it('gives what it printed and its exit code', async () => {
    const code = "console.log('out'); console.error('err'); process.exitCode = 3";
    expect(await capture(process.execPath, ['-e', code])).toMatchObject({ exitCode: 3, stdout: 'out\n' });
  });

  it('gives 127 when it cannot be started', async () => {
    expect(await capture(join(tmpdir(), 'nowhere'), [])).toMatchObject({ exitCode: 127 });
  });

  it('is ended when the process that waits for it is, which says so', async () => {
    const { exitCode, output } = await runUntil(process.execPath, [launcherOf('capture')], /launched/, (child) => {
      setTimeout(() => child.kill('SIGTERM'), 300);
    });
    expect(output).toContain('stopped by SIGTERM');
    expect(exitCode).toBe(143);
  });
});
