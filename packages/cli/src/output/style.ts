import { type CliIo, usesColor } from '../command/io.js';

/** Text in colour, or as it is where colour is not wanted. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
}

export function styleFor(io: CliIo): Style {
  const paint = (open: number, close: number) => (text: string) =>
    usesColor(io) ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return { bold: paint(1, 22), dim: paint(2, 22), good: paint(32, 39), bad: paint(31, 39) };
}

/** Characters of a text as a terminal shows it: colours take no place. */
export function visibleLength(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for
  return text.replace(/\u001b\[\d+m/g, '').length;
}
