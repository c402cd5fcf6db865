/** A number with three to four significant digits, thousands separated. */
export function amount(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A ratio: `×2.1`. */
export function times(ratio: number): string {
  return `×${ratio >= 100 ? ratio.toFixed(0) : ratio >= 10 ? ratio.toFixed(1) : ratio.toFixed(2)}`;
}

/** A change with its sign: `+3.1 %`. */
export function percent(change: number): string {
  return `${change >= 0 ? '+' : '−'}${Math.abs(change).toFixed(1)} %`;
}
