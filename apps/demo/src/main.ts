import { clusterErrors } from '@sabot/cluster';
import { isSabotError } from '@sabot/core-observability/errors';
import { readCommandLine, usage } from './command-line.js';
import { demoErrors } from './errors.js';
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
  // What a job failed of says more than that it failed.
  const told = error.code === clusterErrors.code('JOB_FAILED') && isSabotError(error.cause) ? error.cause : error;
  process.stderr.write(`${told.message}\n`);
  process.exitCode = told.code === demoErrors.code('BAD_OPTION') ? 2 : 1;
}
