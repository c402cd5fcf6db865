import { agentsErrors } from '../errors.js';

/** Waits between restarts: `initialMs`, then `factor` times as long each time, up to `maxMs`. */
export interface BackoffOptions {
  /** Default 100. */
  readonly initialMs?: number;
  /** Default 2. */
  readonly factor?: number;
  /** Default 10,000. */
  readonly maxMs?: number;
}

/** How an agent is kept alive, one for one: no agent is restarted because of another. */
export interface SupervisionOptions {
  /**
   * `permanent` (default): started again whenever it stops, by failure or by itself. `transient`: started again after a
   * failure only. `temporary`: never; the job goes on without it.
   */
  readonly restart?: 'permanent' | 'transient' | 'temporary';
  /** Restarts within `withinMs` before the job fails; default 3. */
  readonly maxRestarts?: number;
  /** Default 60,000. */
  readonly withinMs?: number;
  readonly backoff?: BackoffOptions;
}

export interface RestartPolicy {
  readonly restart: 'permanent' | 'transient' | 'temporary';
  readonly maxRestarts: number;
  readonly withinMs: number;
  readonly backoff: Required<BackoffOptions>;
}

/** The policy with its defaults; `OPTION_INVALID` names what is out of range. */
export function restartPolicy(agent: string, options: SupervisionOptions = {}): RestartPolicy {
  const backoff = {
    initialMs: atLeast(agent, 'backoff.initialMs', options.backoff?.initialMs ?? 100, 0),
    factor: atLeast(agent, 'backoff.factor', options.backoff?.factor ?? 2, 1),
    maxMs: atLeast(agent, 'backoff.maxMs', options.backoff?.maxMs ?? 10_000, 0),
  };
  return {
    restart: options.restart ?? 'permanent',
    maxRestarts: atLeast(agent, 'maxRestarts', options.maxRestarts ?? 3, 0),
    withinMs: atLeast(agent, 'withinMs', options.withinMs ?? 60_000, 1),
    backoff,
  };
}

/** A finite number of at least `least`; `OPTION_INVALID` otherwise. */
export function atLeast(agent: string, option: string, value: number, least: number): number {
  if (Number.isFinite(value) && value >= least) return value;
  throw agentsErrors.error('OPTION_INVALID', {
    what: `cannot use ${option} ${value} for agent "${agent}"`,
    why: `it must be a number of at least ${least}`,
  });
}

/** What the supervisor decides about an agent that has stopped. */
export type RestartDecision = { readonly kind: 'restart'; readonly delayMs: number } | { readonly kind: 'give-up' };

/**
 * Counts restarts in a sliding window, as in Erlang/OTP's restart intensity: more than `maxRestarts` within `withinMs`
 * is one too many. The wait grows with the restarts in the window and is short again when they have left it.
 */
export class RestartBudget {
  private readonly policy: RestartPolicy;
  private readonly recentMs: number[] = [];

  constructor(policy: RestartPolicy) {
    this.policy = policy;
  }

  /** Decides and, if it allows the restart, counts it. */
  ask(nowMs: number): RestartDecision {
    const before = this.within(nowMs);
    if (before >= this.policy.maxRestarts) return { kind: 'give-up' };
    this.recentMs.push(nowMs);
    const { initialMs, factor, maxMs } = this.policy.backoff;
    return { kind: 'restart', delayMs: Math.min(maxMs, initialMs * factor ** before) };
  }

  /** Restarts in the window that ends now. */
  within(nowMs: number): number {
    while (this.recentMs.length > 0 && (this.recentMs[0] as number) <= nowMs - this.policy.withinMs)
      this.recentMs.shift();
    return this.recentMs.length;
  }
}
