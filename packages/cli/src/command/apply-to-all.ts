import type { Command } from 'commander';

/** Calls back for the command and everything below it, parents first. */
export function applyToAll(command: Command, apply: (command: Command) => void): void {
  apply(command);
  for (const child of command.commands) applyToAll(child, apply);
}
