import type { Clock } from '@sabot/stream';
import { createOperatorStats } from '@sabot/stream';
import type { OperatorStats } from '@sabot/stream/ports';

/** Where an agent is in its life; `restarting` covers the wait and the new start. */
export type AgentLifecycle = 'registered' | 'starting' | 'running' | 'restarting' | 'stopping' | 'stopped' | 'failed';

/** `degraded`: running, and restarted within the supervision's window. */
export type AgentHealth = 'healthy' | 'degraded' | 'stopped' | 'failed';

/** One step of an agent's life, with its times in epoch milliseconds. */
export interface LifecycleEvent {
  readonly kind: 'register' | 'start' | 'restart' | 'stop';
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** What made a restart necessary, or what made the step itself fail. */
  readonly error: unknown;
}

/** Facts of an agent beyond those of every operator; `telemetry.ts` publishes them. */
export interface AgentStats extends OperatorStats {
  readonly agent: string;
  lifecycle: AgentLifecycle;
  readonly health: AgentHealth;
  restarts: number;
  /** Batches of which every row was handled. */
  tasksCompleted: number;
  /** Batches of which some rows were set aside. */
  tasksPartial: number;
  /** Attempts at a batch that failed and were taken back. */
  tasksFailed: number;
  /** Failures of `onStop`; they do not keep an agent from stopping. */
  stopFailures: number;
  /** Code or class name of the last failure; empty while there was none. */
  lastFailure: string;
  /** Events ever recorded; the last of them are in `recentEvents`. */
  events: number;
  readonly recentEvents: readonly LifecycleEvent[];
}

/** More are not kept: whoever publishes them looks after every batch. */
const KEPT_EVENTS = 64;

/** An agent's facts at birth. `restartsWithinWindow` decides between healthy and degraded when somebody asks. */
export function createAgentStats(agent: string, restartsWithinWindow: () => number): AgentStats {
  const stats = {
    ...createOperatorStats(),
    agent,
    lifecycle: 'registered' as AgentLifecycle,
    restarts: 0,
    tasksCompleted: 0,
    tasksPartial: 0,
    tasksFailed: 0,
    stopFailures: 0,
    lastFailure: '',
    events: 0,
    recentEvents: [] as LifecycleEvent[],
    get health(): AgentHealth {
      if (this.lifecycle === 'failed' || this.lifecycle === 'stopped') return this.lifecycle;
      return restartsWithinWindow() > 0 ? 'degraded' : 'healthy';
    },
  };
  return stats;
}

/** Records a step that has just ended. */
export function recordEvent(
  stats: AgentStats,
  clock: Clock,
  kind: LifecycleEvent['kind'],
  startedAtMs: number,
  error?: unknown,
): void {
  const kept = stats.recentEvents as LifecycleEvent[];
  kept.push({ kind, startedAtMs, endedAtMs: clock.now(), error });
  if (kept.length > KEPT_EVENTS) kept.shift();
  stats.events++;
}

/** The events recorded after the first `seen` of them, oldest first; those no longer kept are missing. */
export function eventsAfter(stats: AgentStats, seen: number): readonly LifecycleEvent[] {
  const missed = Math.min(stats.events - seen, stats.recentEvents.length);
  return missed === 0 ? [] : stats.recentEvents.slice(-missed);
}
