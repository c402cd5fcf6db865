import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';

/** Bundles `fixtures/child.ts` into the folder and gives the file to run. */
export async function buildChild(outDir: string): Promise<string> {
  await build({
    config: false,
    entry: { child: fileURLToPath(new URL('../fixtures/child.ts', import.meta.url)) },
    format: ['cjs'],
    outExtension: () => ({ js: '.cjs' }),
    outDir,
    platform: 'node',
    target: 'node20',
    silent: true,
    clean: false,
    noExternal: [/.*/],
    esbuildOptions(options) {
      options.conditions = ['@sabot/source'];
    },
  });
  return join(outDir, 'child.cjs');
}

/** A running child that is listened to line by line. */
export class Child {
  readonly lines: string[] = [];
  readonly ended: Promise<void>;
  private readonly process: ChildProcess;
  private wake: () => void = () => undefined;

  constructor(script: string, args: readonly string[], options: SpawnOptions = {}) {
    this.process = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'], ...options });
    if (this.process.stdout !== null) {
      createInterface(this.process.stdout).on('line', (line) => {
        this.lines.push(line);
        this.wake();
      });
    }
    this.ended = new Promise((resolve) => {
      this.process.once('close', () => {
        this.wake();
        resolve();
      });
    });
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** The first line that fits, when it has come. */
  async line(fits: (line: string) => boolean): Promise<string> {
    for (;;) {
      const found = this.lines.find(fits);
      if (found !== undefined) return found;
      if (this.process.exitCode !== null || this.process.signalCode !== null) {
        throw new Error(`the child ended and said only: ${this.lines.join(' | ')}`);
      }
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.process.kill(signal);
    await this.ended;
  }
}
