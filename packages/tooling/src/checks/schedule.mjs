import { Interruption, StepFailure } from '../workspace/process.mjs';
import { outcomeOf } from './outcome.mjs';

/**
 * @typedef {import('./steps.mjs').Step} Step
 * @typedef {import('./outcome.mjs').Outcome} Outcome
 */

/**
 * Runs steps in their order, two at a time where they allow it. A step that throws has failed; one whose predecessor
 * failed is not tried, and has failed too. An interruption ends everything.
 *
 * @param {readonly Step[]} steps
 * @param {(step: Step, outcome: Outcome, seconds: number) => void} onEnd
 * @param {{ atOnce?: number }} [options] 2 unless told
 * @returns {Promise<Outcome[]>}
 */
export async function runSteps(steps, onEnd, { atOnce = 2 } = {}) {
  /** @type {Map<string, Promise<Outcome>>} */
  const started = new Map();
  /** @type {Set<Promise<Outcome>>} */
  const running = new Set();
  for (const step of steps) {
    while (running.size >= (step.alone ? 1 : atOnce)) await Promise.race(running);
    const end = runAfter(
      step,
      (step.after ?? []).flatMap((name) => started.get(name) ?? []),
      onEnd,
    );
    started.set(step.name, end);
    running.add(end);
    const remove = () => running.delete(end);
    end.then(remove, remove);
    if (step.alone) await end;
  }
  return Promise.all(started.values());
}

/**
 * @param {Step} step
 * @param {readonly Promise<Outcome>[]} predecessors
 * @param {(step: Step, outcome: Outcome, seconds: number) => void} onEnd
 */
async function runAfter(step, predecessors, onEnd) {
  const blocked = (await Promise.all(predecessors)).some(({ failed }) => failed > 0);
  const start = performance.now();
  const outcome = blocked ? outcomeOf([`not tried: ${step.after?.join(' or ')} failed`]) : await runSafely(step);
  onEnd(step, outcome, (performance.now() - start) / 1000);
  return outcome;
}

/** @param {Step} step */
async function runSafely(step) {
  try {
    return await step.run();
  } catch (error) {
    if (error instanceof Interruption) throw error;
    if (error instanceof StepFailure) return outcomeOf([`${error.message}\n${error.output}`]);
    return outcomeOf([error instanceof Error ? `${error.stack}` : String(error)]);
  }
}
