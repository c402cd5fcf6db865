/** A signal that aborts with another one, or with a `TimeoutError` when the time is over. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Frees the timer; to be called when what was waited for has ended. */
  clear(): void;
}

/** `AbortSignal.any` with `AbortSignal.timeout` in it may lose the latter to the garbage collector (Node 20): it never fires then. */
export function deadlineOf(abort: AbortSignal, timeoutMs: number): Deadline {
  const controller = new AbortController();
  const aborted = (): void => controller.abort(abort.reason);
  const expired = (): void => controller.abort(new DOMException('no answer in time', 'TimeoutError'));
  const timer = setTimeout(expired, timeoutMs).unref();
  if (abort.aborted) aborted();
  else abort.addEventListener('abort', aborted, { once: true });
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
      abort.removeEventListener('abort', aborted);
    },
  };
}
