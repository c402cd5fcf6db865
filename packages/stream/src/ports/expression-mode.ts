/**
 * How expressions run: `compiled` to code (an error where the process forbids that), `interpreted`, or `auto`: compiled where that is
 * allowed. The results are equal.
 */
export type ExpressionMode = 'auto' | 'compiled' | 'interpreted';
