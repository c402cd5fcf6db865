import type { LocalEngine } from '../../src/engine/table-engine.js';
import { createMemoryEngine } from '../../src/memory/memory-engine.js';
import { createWorker } from '../../src/worker/create-worker.js';
import type { Worker } from '../../src/worker/worker.js';
import type { TaskAssignment, TaskOutcome, TaskRunner, WorkerOptions } from '../../src/worker/worker-options.js';
import { linkTo, NO_FAULTS } from './simulated-link.js';
import { Timeline } from './timeline.js';

/** Workers on one engine in virtual time. */
export class TestCluster {
  readonly timeline = new Timeline();
  readonly engine: LocalEngine;

  private constructor(engine: LocalEngine) {
    this.engine = engine;
  }

  static async create(): Promise<TestCluster> {
    return new TestCluster(await createMemoryEngine());
  }

  async start(name: string, options: Partial<WorkerOptions>): Promise<Worker> {
    const worker = createWorker({
      engine: linkTo(this.engine, this.timeline, name, NO_FAULTS),
      name,
      clock: this.timeline.clockOf(name),
      ...options,
    });
    const started = worker.start();
    await this.timeline.runUntil(this.timeline.nowMs);
    await started;
    return worker;
  }

  /** Nothing of the worker runs any more. */
  kill(name: string): void {
    this.timeline.kill(name);
  }

  async run(durationMs: number): Promise<void> {
    await this.timeline.runUntil(this.timeline.nowMs + durationMs);
  }
}

/** A task that runs until it is told to finish or drain, and remembers what happened to it. */
export function openTask(options: { readonly ignoresDrain?: boolean } = {}) {
  const started: TaskAssignment[] = [];
  const open: ((outcome: TaskOutcome) => void)[] = [];
  const facts = { drained: 0 };
  const runner: TaskRunner = async (assignment) => {
    started.push(assignment);
    let end: (outcome: TaskOutcome) => void = () => undefined;
    const done = new Promise<TaskOutcome>((resolve) => {
      end = resolve;
    });
    open.push(end);
    return {
      done,
      drain: async () => {
        facts.drained++;
        if (options.ignoresDrain !== true) end({ state: 'drained' });
      },
    };
  };
  return {
    runner,
    started,
    finish: () => {
      for (const end of open) end({ state: 'finished' });
    },
    get drained() {
      return facts.drained;
    },
  };
}
