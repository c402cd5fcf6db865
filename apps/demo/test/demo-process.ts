import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

export interface DemoRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunOptions {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What the output says when `onProgress` is called; default the first line with rows. */
  readonly progressAt?: RegExp;
  /** Called once: to stop the process, for example. */
  readonly onProgress?: (child: ChildProcess, stdout: string) => void;
}

/** Runs the demo as users run it, as a process of its own, in a folder of its own. */
export async function runBuiltDemo(directory: string, options: RunOptions = {}): Promise<DemoRun> {
  const flags = ['--directory', directory, '--prometheus-port', '0', ...(options.flags ?? [])];
  const child = spawn(process.execPath, [main, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  return await finished(child, options);
}

function finished(child: ChildProcess, { onProgress, progressAt = /rows\/s/ }: RunOptions): Promise<DemoRun> {
  let stdout = '';
  let stderr = '';
  let hasProgress = false;
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (hasProgress || !progressAt.test(stdout)) return;
    hasProgress = true;
    onProgress?.(child, stdout);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, signal) => resolve({ stdout, stderr, exitCode, signal }));
  });
}
