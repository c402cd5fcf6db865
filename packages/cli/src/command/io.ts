/** Everything that a command touches of its process; tests give their own. */
export interface CliIo {
  /** Writes to standard output. */
  readonly out: (text: string) => void;
  /** Writes to standard error. */
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Width of the terminal in characters; what is piped has none. */
  readonly columns: number | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Aborted by Ctrl-C or when nobody reads standard output any more: `--follow` and `--watch` end. */
  readonly signal: AbortSignal;
}

/** Whether output may be coloured. Source: no-color.org. */
export function usesColor(io: CliIo): boolean {
  const { FORCE_COLOR, NO_COLOR, TERM } = io.env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '0') return true;
  return io.isTerminal && TERM !== 'dumb';
}

/** Waits, at most until the command is to end. */
export function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    signal.addEventListener('abort', end, { once: true });
  });
}
