/** The exact text of a 128-bit decimal stored as four little-endian 32-bit words. */
export function formatDecimal(words: Int32Array, at: number, scale: number): string {
  const unscaled = decimalToBigInt(words, at);
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const sign = unscaled < 0n ? '-' : '';
  return scale === 0 ? sign + whole : `${sign}${whole}.${digits.slice(digits.length - scale)}`;
}

/** The unscaled integer of a decimal; for the surface only. */
export function decimalToBigInt(words: Int32Array, at: number): bigint {
  const low = BigInt((words[at] as number) >>> 0) | (BigInt((words[at + 1] as number) >>> 0) << 32n);
  const high = BigInt((words[at + 2] as number) >>> 0) | (BigInt(words[at + 3] as number) << 32n);
  return low | (high << 64n);
}

/** The unscaled integer that a text means at a scale, or null when it is no decimal of at most `precision` digits. */
export function parseDecimal(text: string, precision: number, scale: number): bigint | null {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text.trim());
  if (match === null) return null;
  const fraction = match[3] ?? '';
  if (/[1-9]/.test(fraction.slice(scale))) return null;
  const unscaled = BigInt((match[2] as string) + fraction.slice(0, scale).padEnd(scale, '0'));
  if (unscaled >= 10n ** BigInt(precision)) return null;
  return match[1] === '-' ? -unscaled : unscaled;
}

/** Stores an unscaled integer as four words; for the surface only. */
export function writeDecimal(words: Int32Array, at: number, unscaled: bigint): void {
  for (let word = 0; word < 4; word++) words[at + word] = Number(BigInt.asIntN(32, unscaled >> BigInt(32 * word)));
}
