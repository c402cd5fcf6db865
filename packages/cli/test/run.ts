import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CliIo } from '../src/command/io.js';
import { runCli } from '../src/command/run-cli.js';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A folder to run commands in. */
export class Workbench {
  readonly folder: string;
  readonly env: Record<string, string> = {};
  isTerminal = false;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<Workbench> {
    return new Workbench(await mkdtemp(join(tmpdir(), 'sabot-cli-')));
  }

  /** Runs a command line to its end. */
  async run(line: string, signal = new AbortController().signal): Promise<Ran> {
    const said: string[] = [];
    const complained: string[] = [];
    const io: CliIo = {
      out: (text) => void said.push(text),
      err: (text) => void complained.push(text),
      env: this.env,
      cwd: this.folder,
      isTerminal: this.isTerminal,
      columns: this.isTerminal ? 120 : undefined,
      now: () => Date.now(),
      signal,
    };
    const code = await runCli(
      line.split(' ').filter((word) => word !== ''),
      io,
    );
    return { code, out: said.join(''), err: complained.join('') };
  }

  /** Runs a command that goes on until the output fits, then ends it. */
  async runUntil(line: string, fits: (out: string) => boolean): Promise<Ran> {
    const stop = new AbortController();
    let out = '';
    const io: CliIo = {
      out: (text) => {
        out += text;
        if (fits(out)) stop.abort();
      },
      err: () => undefined,
      env: this.env,
      cwd: this.folder,
      isTerminal: false,
      columns: undefined,
      now: () => Date.now(),
      signal: stop.signal,
    };
    const code = await runCli(line.split(' '), io);
    return { code, out, err: '' };
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
