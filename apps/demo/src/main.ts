import { isSabotError } from '@sabot/core-observability/errors';
import { readCommandLine, usage } from './command-line.js';
import { runDemo } from './run-demo.js';

// Whoever read the output has gone (`| head`): nothing is left to say, and what was committed stays.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

async function main(argv: readonly string[]): Promise<number> {
  const options = readCommandLine(argv);
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  await runDemo(options);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!isSabotError(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.kind === 'usage' ? 2 : 1;
}
