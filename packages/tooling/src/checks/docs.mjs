import { staleDocuments } from '../docs/documents.mjs';
import { generators } from '../docs/generators.mjs';
import { outcomeOf, sumOf } from './outcome.mjs';

/** Every generated document is what its generator makes today. */
export async function checkDocs() {
  const outcomes = [];
  for (const generator of generators) {
    const stale = await staleDocuments(generator);
    outcomes.push(outcomeOf(stale.map((path) => `${path} is stale; run \`npm run docs\``)));
  }
  return sumOf(outcomes);
}
