/** The first Ctrl-C or SIGTERM asks to stop; a second one, later, ends the process at once. */
export interface StopRequest {
  /** Resolves with the signal's name when somebody asks. */
  readonly requested: Promise<NodeJS.Signals>;
  /** Takes the listeners off again. */
  dispose(): void;
}

/** npm passes a terminal's signal on to a process that has already got it: a repetition this soon is the same request. */
const sameRequestMs = 500;

const signals = ['SIGINT', 'SIGTERM'] as const;

export function listenForStop(): StopRequest {
  const asked = new AbortController();
  const requested = new Promise<NodeJS.Signals>((resolve) => {
    asked.signal.addEventListener('abort', () => resolve(asked.signal.reason), { once: true });
  });
  let firstAtMs: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    const nowMs = performance.now();
    if (firstAtMs !== undefined && nowMs - firstAtMs > sameRequestMs) process.exit(130);
    firstAtMs ??= nowMs;
    asked.abort(signal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    requested,
    dispose() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
