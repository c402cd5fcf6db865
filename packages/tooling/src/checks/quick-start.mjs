const BLOCK = /^```ts quick start[^\n]*\n([\s\S]*?)^```/gm;

/**
 * The code of the blocks that open with ` ```ts quick start `.
 *
 * @param {string} markdown
 * @returns {string[]}
 */
export function quickStartsIn(markdown) {
  return [...markdown.matchAll(BLOCK)].map(([, code]) => code ?? '');
}
