// Writes the generated documents. `--check` writes nothing and fails when one is stale.
import { staleDocuments, writeDocuments } from './src/docs/documents.mjs';
import { generators } from './src/docs/generators.mjs';
import { tellFailure } from './src/workspace/process.mjs';

try {
  process.exitCode = await generate(process.argv.includes('--check'));
} catch (error) {
  process.exitCode = tellFailure(error);
}

/**
 * @param {boolean} check
 * @returns {Promise<number>} exit code
 */
async function generate(check) {
  let exitCode = 0;
  for (const generator of generators) {
    const paths = check ? await staleDocuments(generator) : await writeDocuments(generator);
    for (const path of paths) console.log(`${check ? 'stale' : 'wrote'} ${path}`);
    if (check && paths.length > 0) exitCode = 1;
  }
  return exitCode;
}
