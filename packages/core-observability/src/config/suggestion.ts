/**
 * The known word that a misspelt one was meant to be: at most one typing mistake per four letters, because a suggestion
 * that is a different word misleads more than none.
 */
export function suggest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = mostMistakes(word) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function mostMistakes(word: string): number {
  return Math.max(1, Math.floor(word.length / 4));
}

/**
 * Typing mistakes between two words: letters inserted, left out, replaced, or two neighbours swapped.
 * Source: Damerau's distance in its restricted form ("optimal string alignment").
 */
export function editDistance(left: string, right: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const replace = (last[column - 1] as number) + (left[row - 1] === right[column - 1] ? 0 : 1);
      const removeOrInsert = Math.min(last[column] as number, current[column - 1] as number) + 1;
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      const swap = swapped ? (beforeLast[column - 2] as number) + 1 : Number.POSITIVE_INFINITY;
      current.push(Math.min(replace, removeOrInsert, swap));
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length] as number;
}
