/** The examples that stand below a command's help. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ sabot ${line}`).join('\n')}\n`;
}
