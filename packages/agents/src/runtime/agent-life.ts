/** Starts, restarts and stops one agent; every step is recorded with its times. */
import { isSabotError } from '@sabot/core-observability/errors';
import type { Clock, OperatorContext } from '@sabot/stream';
import type { Agent } from '../agent/define-agent.js';
import { agentsErrors } from '../errors.js';
import { type AgentStats, recordEvent } from '../status/agent-stats.js';
import type { RestartBudget } from '../supervision/restart-policy.js';
import type { AgentSession } from './agent-session.js';
import { refusalOf } from './dead-letters.js';

export class AgentLife {
  private readonly agent: Agent;
  private readonly session: AgentSession;
  private readonly stats: AgentStats;
  private readonly budget: RestartBudget;
  private readonly clock: Clock;
  private readonly signal: AbortSignal;
  /** Whether `onStart` has succeeded and `onStop` has not been called since. */
  private started = false;

  constructor(
    agent: Agent,
    session: AgentSession,
    stats: AgentStats,
    budget: RestartBudget,
    context: Pick<OperatorContext, 'clock' | 'signal'>,
  ) {
    this.agent = agent;
    this.session = session;
    this.stats = stats;
    this.budget = budget;
    this.clock = context.clock;
    this.signal = context.signal;
  }

  /** Registers and starts; a start that fails is a failure like any other. */
  async begin(): Promise<void> {
    recordEvent(this.stats, this.clock, 'register', this.clock.now());
    const startedAtMs = this.clock.now();
    this.stats.lifecycle = 'starting';
    try {
      await this.start();
      recordEvent(this.stats, this.clock, 'start', startedAtMs);
    } catch (error) {
      recordEvent(this.stats, this.clock, 'start', startedAtMs, error);
      this.stats.lastFailure = refusalOf(error).code;
      await this.restartAfter(error);
    }
  }

  /**
   * Brings the agent back after a failure: true when it runs again, false when its policy is `temporary` and it has
   * failed for good. Rejects with `RESTART_LIMIT` when the budget is spent.
   */
  async restartAfter(error: unknown): Promise<boolean> {
    if (this.agent.policy.restart === 'temporary') {
      await this.stop();
      this.stats.lifecycle = 'failed';
      return false;
    }
    let cause = error;
    for (;;) {
      const startedAtMs = this.clock.now();
      try {
        await this.restartOnce(cause);
        recordEvent(this.stats, this.clock, 'restart', startedAtMs, cause);
        return true;
      } catch (failure) {
        if (this.stats.lifecycle === 'failed') throw failure;
        recordEvent(this.stats, this.clock, 'restart', startedAtMs, failure);
        cause = failure;
      }
    }
  }

  /** After `context.stop()`: permanent agents are started again, the others have stopped for good. */
  async stoppedByItself(): Promise<void> {
    this.session.stopRequested = false;
    if (this.agent.policy.restart === 'permanent') {
      await this.restartAfter(undefined);
      return;
    }
    await this.end();
  }

  /** Stops for good. What `onStop` throws is counted and recorded, and does not keep the agent from stopping. */
  async end(): Promise<void> {
    if (this.stats.lifecycle === 'failed' || this.stats.lifecycle === 'stopped') return;
    const startedAtMs = this.clock.now();
    this.stats.lifecycle = 'stopping';
    const failure = await this.stop();
    this.stats.lifecycle = 'stopped';
    recordEvent(this.stats, this.clock, 'stop', startedAtMs, failure);
  }

  private async restartOnce(cause: unknown): Promise<void> {
    this.stats.lifecycle = 'restarting';
    await this.stop();
    const decision = this.budget.ask(this.clock.now());
    if (decision.kind === 'give-up') {
      this.stats.lifecycle = 'failed';
      throw this.limitReached(cause);
    }
    this.stats.restarts++;
    await this.pause(decision.delayMs);
    await this.start();
  }

  private async start(): Promise<void> {
    this.session.resources = await this.agent.handlers.onStart?.(this.session.life);
    this.started = true;
    this.stats.lifecycle = 'running';
  }

  private async stop(): Promise<unknown> {
    if (!this.started) return undefined;
    this.started = false;
    try {
      await this.agent.handlers.onStop?.(this.session.life);
      return undefined;
    } catch (error) {
      this.stats.stopFailures++;
      this.stats.lastFailure = refusalOf(error).code;
      return error;
    }
  }

  private pause(delayMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancelled = () => {
        cancelTimer();
        this.stats.lifecycle = 'failed';
        reject(this.signal.reason);
      };
      const cancelTimer = this.clock.schedule(delayMs, () => {
        this.signal.removeEventListener('abort', cancelled);
        resolve();
      });
      if (this.signal.aborted) cancelled();
      else this.signal.addEventListener('abort', cancelled, { once: true });
    });
  }

  private limitReached(cause: unknown): Error {
    const { maxRestarts, withinMs } = this.agent.policy;
    const why = cause === undefined ? 'it stopped by itself' : isSabotError(cause) ? cause.what : String(cause);
    return agentsErrors.error('RESTART_LIMIT', {
      what: `agent "${this.agent.name}" was restarted ${maxRestarts} times within ${withinMs} ms and stopped again`,
      why,
      cause,
      facts: { agent: this.agent.name, restarts: this.stats.restarts },
    });
  }
}
