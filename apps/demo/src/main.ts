import { isSabotError } from '@sabot/core-observability/errors';
import { readCommandLine, usage } from './command-line.js';
import { runDemo } from './run-demo.js';

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
