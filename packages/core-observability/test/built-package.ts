import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'tsup';

const packageFolder = join(import.meta.dirname, '..');
const cacheFolder = join(packageFolder, 'node_modules', '.cache', 'test-programs');

/**
 * Bundles a program of `test/fixtures` from the sources, so that plain Node can run it; gives its path. Packages resolve from
 * the folder that it lies in.
 */
export async function buildProgram(name: string, outDir = cacheFolder): Promise<string> {
  await build({
    config: false,
    silent: true,
    clean: false,
    entry: { [name]: join(packageFolder, 'test', 'fixtures', `${name}.ts`) },
    format: 'esm',
    target: 'node20',
    // The root's manifest, in whose folder tests run, does not list them.
    external: ['valibot', /^@opentelemetry\//],
    outDir,
    outExtension: () => ({ js: '.mjs' }),
  });
  return join(outDir, `${name}.mjs`);
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
