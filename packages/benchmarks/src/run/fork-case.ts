import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { CaseMessage, CaseRequest } from './case-protocol.js';

export interface ForkOptions {
  /** The program to run; default this package's own. */
  readonly program: string | undefined;
  readonly nodeOptions: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Runs a case in a process of its own. Resolves when it has ended, with the reason if it did not end by itself. */
export function forkCase(
  request: CaseRequest,
  options: ForkOptions,
  hear: (message: CaseMessage) => void,
): Promise<string | undefined> {
  const program = options.program ?? ownProgram();
  const child = fork(program, [JSON.stringify(request)], {
    execArgv: [...options.nodeOptions],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  let errors = '';
  child.stderr?.on('data', (text) => {
    errors = `${errors}${text}`.slice(-2000);
  });
  // The child's messages are those of `case-process`.
  child.on('message', (message) => hear(message as CaseMessage));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(undefined);
      const how = signal === null ? `exit code ${code}` : `${signal}, after at most ${options.timeoutMs} ms`;
      resolve(`its process ended with ${how}${errors === '' ? '' : `: ${lastLines(errors)}`}`);
    });
  });
}

/** This package's built program, wherever the calling code was bundled to. */
function ownProgram(): string {
  const manifest = createRequire(import.meta.url).resolve('@sabot/benchmarks/package.json');
  return join(dirname(manifest), 'dist', 'main.js');
}

function lastLines(text: string): string {
  const lines = text.trim().split('\n');
  const thrown = lines.find((line) => /^\w*Error\b/.test(line.trim()));
  return (thrown ?? lines.slice(-3).join(' ')).trim();
}
