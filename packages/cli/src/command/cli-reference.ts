import type { Command, Option } from 'commander';
import type { CliIo } from './io.js';
import { createProgram } from './program.js';

/** The reference of all commands as Markdown, from the tree that the command itself runs: `docs/reference/cli.md`. */
export function renderCliReference(): string {
  const program = createProgram(silent);
  const head = [
    '# Command line',
    '',
    'Exit codes: 0 ok, 1 failed, 2 wrong usage. Failures are one message on standard error: what, why, and what to do;',
    '`--debug` adds the stack. What is printed as JSON is stable: fields are added, never renamed or removed within a major',
    'version. `NO_COLOR` and output that is no terminal turn colours off.',
    '',
  ];
  return [...head, ...program.commands.flatMap((command) => sectionOf(command, ['sabot']))].join('\n');
}

function sectionOf(command: Command, parents: readonly string[]): readonly string[] {
  const path = [...parents, command.name()];
  if (command.name() === 'help') return [];
  if (command.commands.length > 0) return command.commands.flatMap((child) => sectionOf(child, path));
  const options = command.options.filter((option) => !option.hidden);
  return [
    `## \`${path.join(' ')}\``,
    '',
    command.description(),
    '',
    ...(command.registeredArguments.length > 0 ? argumentTable(command) : []),
    '| option | what | default |',
    '|---|---|---|',
    ...options.map(optionRow),
    '',
    ...exampleBlock(command),
  ];
}

function argumentTable(command: Command): readonly string[] {
  const rows = command.registeredArguments.map((argument) => {
    const choices =
      argument.argChoices === undefined ? '' : `: ${argument.argChoices.map((choice) => `\`${choice}\``).join(', ')}`;
    return `| \`${argument.name()}\` | ${argument.description}${choices} |`;
  });
  return ['| argument | what |', '|---|---|', ...rows, ''];
}

function optionRow(option: Option): string {
  const choices =
    option.argChoices === undefined ? '' : `: ${option.argChoices.map((choice) => `\`${choice}\``).join(', ')}`;
  const fallback = option.defaultValue === undefined ? '' : `\`${String(option.defaultValue)}\``;
  return `| \`${option.flags}\` | ${option.description}${choices} | ${fallback} |`;
}

/** The examples that help prints, taken from what it prints. */
function exampleBlock(command: Command): readonly string[] {
  const parts: string[] = [];
  command.configureOutput({ writeOut: (part) => parts.push(part) });
  command.outputHelp();
  const lines = parts
    .join('')
    .split('\n')
    .filter((line) => line.startsWith('  $ '));
  return lines.length === 0 ? [] : ['```console', ...lines.map((line) => line.trim()), '```', ''];
}

const silent: CliIo = {
  out: () => undefined,
  err: () => undefined,
  env: {},
  cwd: '.',
  isTerminal: false,
  columns: undefined,
  now: () => 0,
  signal: new AbortController().signal,
};
