import type { Command } from 'commander';

interface Place {
  /** The commands typed so far, `telemetry traces`; empty at the beginning. */
  readonly path: string;
  /** What can stand next. */
  readonly words: readonly string[];
}

/** A completion script that knows every command, option and choice as they are now. */
export function completionScript(program: Command, shell: 'bash' | 'zsh' | 'fish'): string {
  const places = placesOf(program, []);
  switch (shell) {
    case 'bash':
      return bash(places);
    case 'zsh':
      return `#compdef sabot\nautoload -U +X bashcompinit && bashcompinit\n${bash(places)}`;
    case 'fish':
      return fish(places);
  }
}

function placesOf(command: Command, path: readonly string[]): readonly Place[] {
  const commands = command.commands.map((child) => child.name());
  const options = command.options.flatMap(({ long }) => (long ? [long] : []));
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const here = { path: path.join(' '), words: [...commands, ...choices, ...options, '--help'] };
  return [here, ...command.commands.flatMap((child) => placesOf(child, [...path, child.name()]))];
}

function bash(places: readonly Place[]): string {
  const cases = places.map(({ path, words }) => `    '${path}') words='${words.join(' ')}' ;;`);
  return `_sabot() {
  local word path='' words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) case " ${commandWords(places)} " in *" $word "*) path="\${path:+$path }$word" ;; esac ;; esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _sabot sabot
`;
}

function fish(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, words }) => {
    const condition =
      path === ''
        ? '__fish_use_subcommand'
        : path
            .split(' ')
            .map((word) => `__fish_seen_subcommand_from ${word}`)
            .join('; and ');
    return words.map((word) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${word}`;
      return `complete -c sabot -n '${condition}' ${what}`;
    });
  });
  return `${lines.join('\n')}\n`;
}

function commandWords(places: readonly Place[]): string {
  return [...new Set(places.flatMap(({ path }) => path.split(' ')))].filter((word) => word !== '').join(' ');
}
