import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { root } from './workspace.mjs';

/** A step that could not be done, with what to tell the person. */
export class StepFailure extends Error {
  /**
   * @param {string} what
   * @param {{ output?: string, remedy?: string }} [details]
   */
  constructor(what, { output = '', remedy = '' } = {}) {
    super(what);
    this.name = 'StepFailure';
    this.output = output;
    this.remedy = remedy;
  }
}

/**
 * @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number }} CaptureOptions
 * @typedef {{ exitCode: number, output: string, stdout: string }} Captured
 */

/**
 * Runs a program to its end, without a terminal, keeping what it prints.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {CaptureOptions} [options] `cwd` is the workspace's root unless told
 * @returns {Promise<Captured>} exit code 127 when it could not be started
 */
export function capture(command, args, { cwd = root, env = process.env, timeoutMs = 0 } = {}) {
  return new Promise((resolve) => {
    let output = '';
    let stdout = '';
    const child = spawn(command, args, {
      cwd,
      env,
      timeout: timeoutMs,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: needsShell(command),
    });
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.on('error', (error) => resolve({ exitCode: 127, output: `${output}${error.message}\n`, stdout }));
    child.on('close', (code, signal) => resolve({ exitCode: exitCodeOf(code, signal), output, stdout }));
  });
}

/**
 * Runs a program on this terminal and gives its exit code. Ctrl-C on a terminal reaches the whole process group, so it
 * is not sent on; a signal sent to this process alone is.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>}
 */
export function runInForeground(command, args, { env = process.env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, stdio: 'inherit' });
    const onInterrupt = () => {
      if (!process.stdin.isTTY) child.kill('SIGINT');
    };
    const onTerminate = () => child.kill('SIGTERM');
    process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate);
    const finish = (/** @type {number} */ exitCode) => {
      process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate);
      resolve(exitCode);
    };
    child.on('error', (error) => {
      console.error(error.message);
      finish(127);
    });
    child.on('close', (code, signal) => finish(exitCodeOf(code, signal)));
  });
}

/** @param {string} output */
export function tailOf(output, lines = 40) {
  return output.trimEnd().split('\n').slice(-lines).join('\n');
}

/**
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
function exitCodeOf(code, signal) {
  return signal === null ? (code ?? 1) : 128 + constants.signals[signal];
}

/** npm and npx are scripts on Windows. @param {string} command */
function needsShell(command) {
  return process.platform === 'win32' && (command === 'npm' || command === 'npx' || command === 'pnpm');
}
