import type { JobStatus } from '@sabot/stream/ports';
import type { AgentHealth, AgentLifecycle, AgentStats } from './agent-stats.js';

/** What an agent of a running job is doing right now. */
export interface AgentStatus {
  readonly name: string;
  readonly job: string;
  readonly operatorId: string;
  readonly lifecycle: AgentLifecycle;
  readonly health: AgentHealth;
  readonly restarts: number;
  /** Code of the last failure; undefined while there was none. */
  readonly lastFailure: string | undefined;
  /** Batches and signals, and bytes, that wait for it. */
  readonly mailboxElements: number;
  readonly mailboxBytes: number;
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly skippedRows: number;
  readonly deadLetterRows: number;
  readonly tasksCompleted: number;
  readonly tasksPartial: number;
  readonly tasksFailed: number;
}

/** The agents of a running job, in plan order. */
export function agentStatuses(running: { status(): JobStatus }): readonly AgentStatus[] {
  const { job, operators } = running.status();
  return operators
    .filter((operator) => operator.kind === 'agent')
    .map((operator) => {
      // Only `attachAgent` makes operators of this kind.
      const stats = operator.stats as unknown as AgentStats;
      return {
        name: stats.agent,
        job,
        operatorId: operator.id,
        lifecycle: stats.lifecycle,
        health: stats.health,
        restarts: stats.restarts,
        lastFailure: stats.lastFailure === '' ? undefined : stats.lastFailure,
        mailboxElements: operator.queuedElements,
        mailboxBytes: operator.queuedBytes,
        rowsIn: stats.rowsIn,
        rowsOut: stats.rowsOut,
        skippedRows: stats.skippedRows,
        deadLetterRows: stats.deadLetterRows,
        tasksCompleted: stats.tasksCompleted,
        tasksPartial: stats.tasksPartial,
        tasksFailed: stats.tasksFailed,
      };
    });
}
