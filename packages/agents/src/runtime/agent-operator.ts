/**
 * Runs an agent as an operator and supervises it.
 *
 * Algorithm: a batch that succeeds is committed and its rows go out. One that fails is rolled back, and then, by
 * `onFailure`: the agent is stopped, waited for and started again, and tries the batch again, as often as its restart
 * budget allows; or the rows are handled one by one and those that fail are set aside.
 * State: typed states in the operator's `StateStore`, nothing else; restarts and counters begin anew with the process.
 * Correctness: the batch counts once, however often it was tried; a checkpoint never sees a half-handled one, because a
 * barrier waits for the batch in front of it. Rows for an agent that has stopped for good are set aside, counted.
 * Cost per batch: as `agent-session.ts`; a failure costs a second pass, a restart waits.
 */
import type { Batch, Schema } from '@sabot/columnar';
import type { Operator, OperatorContext, OperatorOutput } from '@sabot/stream';
import type { Agent } from '../agent/define-agent.js';
import { agentsErrors } from '../errors.js';
import { type AgentStats, createAgentStats } from '../status/agent-stats.js';
import { RestartBudget } from '../supervision/restart-policy.js';
import { AgentLife } from './agent-life.js';
import { AgentSession } from './agent-session.js';
import { DeadLetterOffice, type Refusal, refusalOf } from './dead-letters.js';

/** The output ports. */
const OUTPUT = 0;
const DEAD_LETTERS = 1;

class AgentOperator implements Operator {
  readonly stats: AgentStats;
  private readonly agent: Agent;
  private readonly budget: RestartBudget;
  private readonly office: DeadLetterOffice | undefined;
  private context: OperatorContext | undefined;
  private session: AgentSession | undefined;
  private life: AgentLife | undefined;

  constructor(agent: Agent, deadLetters: Schema | undefined) {
    this.agent = agent;
    this.budget = new RestartBudget(agent.policy);
    this.stats = createAgentStats(agent.name, () => this.budget.within(this.context?.clock.now() ?? 0));
    this.office = deadLetters === undefined ? undefined : new DeadLetterOffice(agent.name, deadLetters);
  }

  async open(context: OperatorContext): Promise<void> {
    this.context = context;
    this.session = new AgentSession(this.agent, context, () => this.stats.restarts);
    this.life = new AgentLife(this.agent, this.session, this.stats, this.budget, context);
    await this.life.begin();
  }

  process(batch: Batch, _input: number, output: OperatorOutput): void | Promise<void> {
    if (this.stats.lifecycle !== 'running') return this.setAside(batch, this.stoppedRefusal(), output);
    const session = this.opened();
    try {
      const waiting = session.run(batch);
      if (waiting !== undefined) return this.settle(waiting, batch, output);
      session.commit();
    } catch (error) {
      return this.recover(error, batch, output);
    }
    return this.succeed(output);
  }

  onSignal(): void {
    // Every row goes out with its batch: no signal releases anything.
  }

  snapshot(): undefined {
    // Each batch was flushed to the store when it was committed.
    return undefined;
  }

  restore(): void {
    // The runtime restores the store; the session caches nothing before its first batch.
  }

  async close(): Promise<void> {
    await this.life?.end();
  }

  private opened(): AgentSession {
    return this.session as AgentSession;
  }

  private async settle(waiting: Promise<void>, batch: Batch, output: OperatorOutput): Promise<void> {
    try {
      await waiting;
      this.opened().commit();
    } catch (error) {
      return this.recover(error, batch, output);
    }
    return this.succeed(output);
  }

  /** What is thrown from here on, downstream, is no failure of the agent. */
  private succeed(output: OperatorOutput): void | Promise<void> {
    this.stats.tasksCompleted++;
    this.publish(output);
    if (this.opened().stopRequested) return this.life?.stoppedByItself();
  }

  private publish(output: OperatorOutput): void {
    const rows = this.opened().takeEmitted();
    if (rows !== undefined) output.emit(rows, OUTPUT);
    const letters = this.office?.take();
    if (letters !== undefined) output.emit(letters, DEAD_LETTERS);
  }

  private async recover(first: unknown, batch: Batch, output: OperatorOutput): Promise<void> {
    this.failed(first);
    if (this.agent.onFailure !== 'fail') return this.handleEach(first, batch, output);
    for (let error = first; ; ) {
      if (!(await this.life?.restartAfter(error))) return this.setAside(batch, refusalOf(error), output);
      try {
        await this.opened().run(batch);
        this.opened().commit();
      } catch (again) {
        this.failed(again);
        error = again;
        continue;
      }
      return this.succeed(output);
    }
  }

  private failed(error: unknown): void {
    this.opened().rollback();
    this.stats.tasksFailed++;
    this.stats.lastFailure = refusalOf(error).code;
  }

  /** The second pass under `skip` and `dead-letter`: only what fails again is set aside. */
  private async handleEach(first: unknown, batch: Batch, output: OperatorOutput): Promise<void> {
    if (this.agent.handlers.onRow === undefined) return this.setAside(batch, refusalOf(first), output);
    const refused = await this.opened().runEach(batch, (own, row, error) => this.refuse(own, row, refusalOf(error)));
    if (refused === 0) return this.succeed(output);
    this.stats.tasksPartial++;
    this.publish(output);
    if (this.opened().stopRequested) await this.life?.stoppedByItself();
  }

  private setAside(batch: Batch, refusal: Refusal, output: OperatorOutput): void {
    this.stats.tasksPartial++;
    for (let row = 0; row < batch.numRows; row++) this.refuse(batch, row, refusal);
    this.publish(output);
  }

  private refuse(batch: Batch, row: number, refusal: Refusal): void {
    if (this.office === undefined) {
      this.stats.skippedRows++;
      return;
    }
    const context = this.context as OperatorContext;
    this.office.add(batch, row, refusal, context.trace()?.traceId, context.clock.now());
    this.stats.deadLetterRows++;
  }

  private stoppedRefusal(): Refusal {
    const error = agentsErrors.error('STOPPED', {
      what: `agent "${this.agent.name}" did not handle the row`,
      why: `it is ${this.stats.lifecycle} for good`,
    });
    return refusalOf(error);
  }
}

/** A fresh operator; with a dead-letter schema, refused rows go to port 1. */
export function createAgentOperator(agent: Agent, deadLetters: Schema | undefined): Operator {
  return new AgentOperator(agent, deadLetters);
}
