import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'tsup';

const packageFolder = join(import.meta.dirname, '..');
const outDir = join(packageFolder, 'node_modules', '.cache', 'test-programs');

/** Bundles a program of `test/fixtures` from the sources, so that plain Node can run it; gives its path. */
export async function buildProgram(name: string): Promise<string> {
  await build({
    config: false,
    silent: true,
    clean: false,
    entry: { [name]: join(packageFolder, 'test', 'fixtures', `${name}.ts`) },
    format: 'esm',
    target: 'node20',
    outDir,
  });
  return join(outDir, `${name}.js`);
}

export interface ProgramResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; `told` sees its standard output while it runs. */
export function runProgram(
  path: string,
  args: readonly string[],
  told: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void = () => undefined,
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (part) => {
      stdout += part;
      told(stdout, (signal) => child.kill(signal));
    });
    child.stderr.on('data', (part) => {
      stderr += part;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
