import type { OpenStateStore } from '@sabot/state';
import type { Sink } from '../ports/sink.js';
import { hostLanes } from '../runtime/threads/host-lanes.js';
import type { ThreadBoot } from '../runtime/threads/thread-protocol.js';
import { explainPlan } from './explain.js';
import { optimise } from './optimise.js';
import { type Plan, planOf } from './plan.js';
import type { PlanEdge, SinkNode } from './plan-node.js';

/** Opens the keyed state of an instance of an operator; its id has `@lane` behind it in a job with lanes. */
export type OpenStateOf = (operatorId: string) => OpenStateStore | Promise<OpenStateStore>;

/** A named, checked and optimised program: what is started. */
export interface Job {
  readonly name: string;
  /** As it will run. */
  readonly plan: Plan;
  /** The plan as described and as it will run, in text, with the rewrites that lie between. */
  explain(): string;
  /** Runs lanes of it on a worker thread: called by the thread's program, which has nothing but the job to call. */
  host(boot: ThreadBoot, stateStore?: OpenStateOf): Promise<void>;
}

/**
 * Puts streams with their sinks together into a job. Streams that share a source or an operator share it when they run.
 *
 * Errors: `SABOT_STREAM_PLAN_INVALID`, `SABOT_STREAM_DUPLICATE_ID`.
 *
 * @example
 * const job = defineJob('flights', [hourly.to(arrowFileSink('hourly.arrow')), hourly.late.to(consoleSink())]);
 */
export function defineJob(name: string, sinks: readonly SinkNode[]): Job {
  const described = planOf(name, sinks);
  const { plan, applied } = optimise(described);
  const explain = () => explainPlan(described, plan, applied);
  return {
    name,
    plan,
    explain,
    host: (boot, stateStore) => hostLanes({ plan, explained: explain(), stateStore }, boot),
  };
}

/** Stands for whatever a stream will end in. */
const nowhere: Sink = {
  name: 'nowhere',
  guarantee: 'none',
  open: async () => ({
    write: () => undefined,
    prepare: async () => ({}),
    commit: async () => undefined,
    close: async () => undefined,
  }),
};

/** The plan up to an edge, as described and as it would run, in text. */
export function explainStream(input: PlanEdge): string {
  return defineJob('stream', [{ kind: 'sink', name: 'nowhere', outputs: [], input, sink: nowhere }]).explain();
}
