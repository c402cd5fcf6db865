import { Argument, type Command } from 'commander';
import { examples } from './examples.js';
import type { CliIo } from './io.js';

/** `sabot completion <shell>` */
export function addCompletionCommand(program: Command, io: CliIo): void {
  program
    .command('completion')
    .description('Print a script that completes commands and options in your shell.')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      examples('completion bash >> ~/.bashrc', 'completion fish > ~/.config/fish/completions/sabot.fish'),
    )
    .action(async (shell: string) => {
      const { completionScript } = await import('./completion.js');
      io.out(completionScript(program, shell as 'bash' | 'zsh' | 'fish'));
    });
}
