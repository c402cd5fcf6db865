// Writes the generated documents. `--check` writes nothing and fails when one is stale.
import { staleDocuments, writeDocuments } from './src/docs/documents.mjs';
import { generators } from './src/docs/generators.mjs';

const check = process.argv.includes('--check');

for (const generator of generators) {
  const paths = check ? await staleDocuments(generator) : await writeDocuments(generator);
  for (const path of paths) console.log(`${check ? 'stale' : 'wrote'} ${path}`);
  if (check && paths.length > 0) process.exitCode = 1;
}
