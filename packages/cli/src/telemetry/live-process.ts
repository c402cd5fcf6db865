/** What the Prometheus port answers. */
export type LiveProcess =
  | { readonly kind: 'live'; readonly url: string; readonly text: string }
  | { readonly kind: 'none'; readonly url: string; readonly why: string };

const TIMEOUT_MS = 1500;

/** Asks the metrics endpoint of a process of this machine. */
export async function askLiveProcess(port: number): Promise<LiveProcess> {
  const url = `http://127.0.0.1:${port}/metrics`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), headers: { accept: 'text/plain' } });
    const text = await response.text();
    if (!response.ok) return { kind: 'none', url, why: `something answers with status ${response.status}` };
    // Anything may listen on the port; Sabot's own metrics are always there when it is Sabot.
    if (!text.includes('sabot_')) return { kind: 'none', url, why: 'what answers there is not Sabot' };
    return { kind: 'live', url, text };
  } catch (error) {
    return { kind: 'none', url, why: reason(error) };
  }
}

function reason(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS} ms`;
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  return error instanceof Error ? error.message : String(error);
}
