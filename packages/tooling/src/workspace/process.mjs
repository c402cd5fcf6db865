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

/** Somebody wants this process to end while a program that it waits for was running; that program has ended. */
export class Interruption extends Error {
  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super(`stopped by ${signal}`);
    this.name = 'Interruption';
    this.exitCode = 128 + constants.signals[signal];
  }
}

/**
 * Tells the person at the terminal why a command could not be done.
 *
 * @param {unknown} error
 * @returns {number} the exit code of the command
 * @throws what is neither of the two above: a defect, with its stack
 */
export function tellFailure(error) {
  if (error instanceof Interruption) {
    console.error(`${error.message}.`);
    return error.exitCode;
  }
  if (!(error instanceof StepFailure)) throw error;
  console.error([error.output, `\n${error.message}.`, error.remedy].filter((line) => line !== '').join('\n'));
  return 1;
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
 * @throws {Interruption} when this process gets SIGINT or SIGTERM; the program got it too and has ended
 */
export function capture(command, args, { cwd = root, env = process.env, timeoutMs = 0 } = {}) {
  return new Promise((resolve, reject) => {
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
    /** @type {NodeJS.Signals | undefined} */
    let stopped;
    const stop = (/** @type {NodeJS.Signals} */ signal) => {
      stopped = signal;
      child.kill(signal);
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
    const finish = (/** @type {Captured} */ captured) => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      if (stopped === undefined) resolve(captured);
      else reject(new Interruption(stopped));
    };
    child.on('error', (error) => finish({ exitCode: 127, output: `${output}${error.message}\n`, stdout }));
    child.on('close', (code, signal) => finish({ exitCode: exitCodeOf(code, signal), output, stdout }));
  });
}

/** npm, and whoever signals a whole process group, may repeat one wish; the program behind gets it once. */
const SAME_SIGNAL_MS = 500;

/**
 * Runs a program on this terminal and gives its exit code. Ctrl-C on a terminal reaches the whole process group, the
 * program included, so it is not sent on; without a terminal it is, and SIGTERM always is.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>}
 */
export function runInForeground(command, args, { env = process.env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, stdio: 'inherit' });
    let sentAt = Number.NEGATIVE_INFINITY;
    const send = (/** @type {NodeJS.Signals} */ signal) => {
      if (signal === 'SIGINT' && isOnTerminal()) return;
      if (performance.now() - sentAt < SAME_SIGNAL_MS) return;
      sentAt = performance.now();
      child.kill(signal);
    };
    process.on('SIGINT', send).on('SIGTERM', send);
    const finish = (/** @type {number} */ exitCode) => {
      process.off('SIGINT', send).off('SIGTERM', send);
      resolve(exitCode);
    };
    child.on('error', (error) => {
      console.error(error.message);
      finish(127);
    });
    child.on('close', (code, signal) => finish(exitCodeOf(code, signal)));
  });
}

/** Any of the three will do: `npm run demo | less` and `npm run demo < file` are on one too. */
function isOnTerminal() {
  return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
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
