import type { CliIo } from './io.js';

/** The real process. A reader that goes away (`sabot … | head`) ends the command quietly. */
export function processIo(): CliIo {
  const stop = new AbortController();
  process.once('SIGINT', () => {
    stop.abort();
    // A second Ctrl-C ends the process the hard way.
    process.once('SIGINT', () => process.exit(130));
  });
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      stop.abort();
    });
  }
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    env: process.env,
    cwd: process.cwd(),
    isTerminal: process.stdout.isTTY === true,
    columns: process.stdout.isTTY === true ? process.stdout.columns : undefined,
    now: () => Date.now(),
    signal: stop.signal,
  };
}
